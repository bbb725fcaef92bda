import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { emptyLedger, type Ledger } from '../allocate/ledger.ts'
import type { Clock } from '../base/clock.ts'
import type { Health } from '../base/health.ts'
import type { Log } from '../base/log.ts'
import { OneAtATime } from '../base/one-at-a-time.ts'
import { reasonOf } from '../base/reason-of.ts'
import type { Running } from '../base/scope.ts'
import { setAside } from '../base/set-aside.ts'
import { writeAtomically } from '../base/write-atomically.ts'
import { virtualStateDamaged, virtualStateUnsaved } from './health.ts'
import { formatLedger, type LedgerRead, parseLedger } from './ledger-text.ts'

/** What it takes to keep state. */
export interface StorePorts {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
}

/** How long to wait after a failure before writing again. */
const retryMs = 10_000

/** The file in a state folder that holds the virtual addresses. */
export function virtualAddressFile(stateFolder: string): string {
  return join(stateFolder, 'virtual-addresses.json')
}

/** Who held which address in a state folder that may belong to another process; changes nothing there. */
export async function readVirtualAddresses(stateFolder: string): Promise<LedgerRead> {
  return readLedger(virtualAddressFile(stateFolder))
}

/**
 * Keeps the virtual addresses across restarts, in a file of the state folder.
 *
 * Trouble with the file is told to health and log and stops nobody.
 */
export class VirtualAddressStore implements Running {
  readonly #file: string
  readonly #ports: StorePorts
  readonly #writing = new OneAtATime(() => this.#write())
  #ledger: Ledger = emptyLedger
  #written: Ledger = emptyLedger
  #cancelRetry = () => {}

  constructor(stateFolder: string, ports: StorePorts) {
    this.#file = virtualAddressFile(stateFolder)
    this.#ports = ports
  }

  /** What was saved last; nothing when there is no file, or none that can be used: that one is set aside. */
  async load(): Promise<Ledger> {
    const read = await readLedger(this.#file)
    switch (read.kind) {
      case 'ledger':
        this.#ledger = read.ledger
        this.#written = read.ledger
        return read.ledger
      case 'damaged':
        await this.#setAside('damaged', read.reason)
        return emptyLedger
      case 'newer':
        await this.#setAside('newer', `it has version ${read.version}, which is not known here`)
        return emptyLedger
    }
  }

  /** Returns when it is on disk, or when that failed; then it is tried again by itself. */
  async save(ledger: Ledger): Promise<void> {
    this.#ledger = ledger
    await this.#writing.run()
  }

  /** Writes what could not be written before, a last time. */
  async stop(): Promise<void> {
    await this.#writing.idle()
    if (this.#written !== this.#ledger) await this.#writing.run()
    this.#cancelRetry()
  }

  async #write(): Promise<void> {
    const { clock, log, health } = this.#ports
    const ledger = this.#ledger
    this.#cancelRetry()
    try {
      await writeAtomically(this.#file, formatLedger(ledger))
      this.#written = ledger
      health.clear(virtualStateUnsaved)
    } catch (error) {
      log.error({ file: this.#file, error }, 'virtual addresses could not be recorded')
      health.set(virtualStateUnsaved, `${this.#file}: ${reasonOf(error)}`)
      this.#cancelRetry = clock.after(retryMs, () => void this.#writing.run())
    }
  }

  async #setAside(suffix: string, reason: string): Promise<void> {
    const { clock, log, health } = this.#ports
    const moved = await setAside(this.#file, suffix, clock)
    log.error({ file: this.#file, path: moved, reason }, 'virtual addresses cannot be read')
    health.set(virtualStateDamaged, `${this.#file}: ${reason}; set aside: ${moved}`)
  }
}

async function readLedger(file: string): Promise<LedgerRead> {
  try {
    return parseLedger(await readFile(file, 'utf8'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return { kind: 'ledger', ledger: emptyLedger }
    return { kind: 'damaged', reason: reasonOf(error) }
  }
}
