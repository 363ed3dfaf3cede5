/** What a run consists of. */
import {
  faultsOfCluster as eventFaultsOfCluster,
  faultsOfOneServer as eventFaultsOfOneServer,
} from './events/faults.js'
import { runEvents } from './events/run.js'
import { runFileKills } from './file-kills.js'
import { APART } from './fleet.js'
import { faultsOfCluster } from './nemeses/cluster.js'
import { faultsOfOneServer } from './nemeses/one-server.js'
import { faultsOfSentinels } from './nemeses/sentinels.js'
import { runNemesis } from './nemesis-run.js'
import { runApartClocks, runExpiry } from './scenarios/apart-clocks.js'
import { runDeposedPrimary } from './scenarios/deposed-primary.js'
import { runFirstCloses } from './scenarios/first-close.js'
import { runKeysOfApartClocks } from './scenarios/keys-of-apart-clocks.js'
import { runLostCloses } from './scenarios/lost-closes.js'
import { runLostReplica } from './scenarios/lost-replica.js'
import { runLostShards } from './scenarios/lost-shard.js'
import { runPendingCloses } from './scenarios/pending-closes.js'
import { runRepeatedReplacements } from './scenarios/repeated-replacements.js'
import { runRetriedCreates } from './scenarios/retried-creates.js'
import { runSameCreates } from './scenarios/same-create.js'
import { runStalledSentinels } from './scenarios/stalled-sentinel.js'
import { startCluster } from './topologies/cluster.js'
import { startOneServer } from './topologies/one-server.js'
import { startSentinels } from './topologies/sentinels.js'

export interface Part {
  readonly name: string
  /** Whether all is as it must be. */
  readonly run: () => Promise<boolean>
}

export interface Form {
  readonly form: 'short' | 'long'
  /** How long each kind of store is under faults. */
  readonly seconds: number
  /** Of the instances in the parts that end with one history of calls, in milliseconds from the true time. */
  readonly clocks: readonly number[]
}

export const LEVEL = [0, 0, 0]

/** Parts that run one after the other; in the short form those that mostly wait run beside the others. */
export function parts(options: Form): readonly (readonly Part[])[] {
  return options.form === 'short' ? short(options) : [long(options)]
}

/** In the long form all is as it was built. */
const SHORT_EVENTS = { calm: 6, faults: 6, quicker: 10 }
const LONG_EVENTS = { calm: 15, faults: 45, quicker: 1 }

function short(history: Form): Part[][] {
  return [
    [
      { name: 'F2', run: () => runApartClocks(1) },
      { name: 'F4', run: () => runLostShards(1) },
      { name: 'F5', run: () => runSameCreates(40, LEVEL) },
      { name: 'F6', run: () => runKeysOfApartClocks(20) },
      { name: 'F7', run: () => runFirstCloses(1) },
      { name: 'F8', run: () => runPendingCloses(100) },
      { name: 'one-server', run: () => onOneServer(history) },
      { name: 'file', run: () => runFileKills(10) },
    ],
    [
      { name: 'F1', run: () => runStalledSentinels([0]) },
      { name: 'F3', run: () => runDeposedPrimary({ lastsMs: 5_000, reaches: 'the sentinels' }) },
      { name: 'events', run: () => onOneServerTold({ ...SHORT_EVENTS, clocks: history.clocks }) },
    ],
  ]
}

function long(history: Form): Part[] {
  const { seconds, clocks } = history
  return [
    { name: 'F1', run: () => runStalledSentinels([0, 1, 2]) },
    { name: 'F2', run: () => runApartClocks(5) },
    { name: 'expiry', run: runExpiry },
    { name: 'F3', run: () => runDeposedPrimary({ lastsMs: 12_000, reaches: 'the sentinels' }) },
    { name: 'F3-alone', run: () => runDeposedPrimary({ lastsMs: 12_000, reaches: 'nobody' }) },
    { name: 'F4', run: () => runLostShards(3) },
    { name: 'F5', run: () => runSameCreates(200, LEVEL) },
    { name: 'F5-apart', run: () => runSameCreates(200, APART) },
    { name: 'F6', run: () => runKeysOfApartClocks(60) },
    { name: 'F7', run: () => runFirstCloses(4) },
    { name: 'F8', run: () => runPendingCloses(400) },
    { name: 'one-server', run: () => onOneServer(history) },
    {
      name: 'sentinels',
      run: () => runNemesis({ start: startSentinels, faultsOf: faultsOfSentinels, clocks, seconds }),
    },
    {
      name: 'cluster',
      run: () => runNemesis({ start: startCluster, faultsOf: faultsOfCluster, clocks, seconds }),
    },
    { name: 'lost-closes', run: () => runLostCloses(50) },
    { name: 'lost-replica', run: () => runLostReplica(3) },
    { name: 'replacements', run: () => runRepeatedReplacements(150) },
    { name: 'creates', run: runRetriedCreates },
    { name: 'file', run: () => runFileKills(200) },
    { name: 'events', run: () => onOneServerTold({ ...LONG_EVENTS, clocks }) },
    { name: 'events-cluster', run: () => onClusterTold({ ...LONG_EVENTS, clocks }) },
  ]
}

function onOneServer({ seconds, clocks }: Form): Promise<boolean> {
  return runNemesis({ start: () => startOneServer(), faultsOf: faultsOfOneServer, clocks, seconds })
}

type EventTimes = typeof SHORT_EVENTS & { readonly clocks: readonly number[] }

function onOneServerTold(times: EventTimes): Promise<boolean> {
  const start = () => startOneServer('--appendfsync', 'always')
  return runEvents({ start, faultsOf: eventFaultsOfOneServer, ...times })
}

function onClusterTold(times: EventTimes): Promise<boolean> {
  return runEvents({ start: startCluster, faultsOf: eventFaultsOfCluster, ...times })
}
