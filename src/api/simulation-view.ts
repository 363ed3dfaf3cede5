import {
  type CalledPhone,
  ENDINGS,
  type Endings,
  type Played,
  type Simulation,
} from '../simulator/simulator.js'
import { explanationView } from './explanation-view.js'
import type { SimulationView } from './simulation-schemas.js'

/** A simulated call as the API shows it. */
export function simulationView(simulation: Simulation): SimulationView {
  const { at, asksForPin, afterPin } = simulation
  return {
    at: new Date(at).toISOString(),
    ...explanationView(simulation),
    asks_for_pin: asksForPin,
    ...playedView(simulation),
    ...(afterPin && { after_pin: playedView(afterPin) }),
  }
}

function playedView({ document, callerHears, isRecorded, called, endings }: Played) {
  return {
    document,
    caller_hears: [...callerHears],
    recorded: isRecorded,
    ...(called && { called: calledView(called) }),
    ...(endings && { endings: endingsView(endings) }),
  }
}

function calledView({ side, hint, shows, hears }: CalledPhone) {
  // The numbers of the static pair go to the carrier as they were written in the configuration.
  return { participant: side ?? null, hint, shows: `+${shows.replace('+', '')}`, hears: [...hears] }
}

function endingsView(endings: Endings) {
  const views = ENDINGS.map((end) => [end, { caller_hears: [...endings[end]] }] as const)
  return Object.fromEntries(views) as NonNullable<SimulationView['endings']>
}
