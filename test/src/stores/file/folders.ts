import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import {
  type FileTexts,
  type FileTextsOptions,
  openFileTexts,
} from '../../../../src/stores/file/file-texts.js'
import type { Name, Texts } from '../../../../src/stores/texts.js'
import { patientClock } from '../../../clocks.js'

/** Where a disk would only cost time: tests of the rules write tens of thousands of times. */
export const IN_MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A folder that is gone after the test. */
export function temporaryFolder(t: Test, place = tmpdir()): string {
  const folder = mkdtempSync(join(place, 'callmask-file-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Opens a store that is closed before its folder is gone. */
export async function opened(t: Test, options: Partial<FileTextsOptions> = {}): Promise<FileTexts> {
  const folder = options.folder ?? temporaryFolder(t)
  const texts = await openFileTexts({ now: () => 1_000, after: patientClock.after, ...options, folder })
  t.teardown(() => texts.close())
  return texts
}

/** A part of a folder that nothing is in yet, with this clock: to open a folder for each of so many tests would take minutes. */
export function emptyIn(texts: Texts, now: () => number): Texts {
  const part = randomUUID()
  const within = <Of extends Name>(name: Of): Of => ({ ...name, kind: `${part} ${name.kind}` })
  return {
    ...texts,
    now,
    read: (names) => texts.read(names.map(within)),
    swap: (change) => texts.swap({ ...change, name: within(change.name) }),
    enlist: (list, entry, until) => texts.enlist(within(list), entry, until),
    delist: (list, entries) => texts.delist(within(list), entries),
    entries: (list, piece) => texts.entries(within(list), piece),
    all: (kind) => texts.all(`${part} ${kind}`),
  }
}
