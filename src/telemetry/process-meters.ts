import { readdirSync } from 'node:fs'
import type { Clock } from '../base/clock.ts'
import type { Meters } from '../base/meters.ts'
import * as meter from './meters.ts'

/** Adds what the system and Node know of this process; nothing is measured until somebody looks. */
export function followProcess(meters: Meters, clock: Clock): void {
  const startedSeconds = clock.wall() / 1_000 - process.uptime()
  meters.reading(meter.processStartTime, () => startedSeconds)
  meters.reading(meter.processCpu, () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000_000
  })
  meters.reading(meter.processResidentMemory, () => process.memoryUsage.rss())
  meters.reading(meter.processOpenFiles, countOpenFiles)
  meters.reading(meter.heapUsed, () => process.memoryUsage().heapUsed)
  meters.reading(meter.heapTotal, () => process.memoryUsage().heapTotal)
  meters.reading(meter.externalMemory, () => process.memoryUsage().external)
}

function countOpenFiles(): number {
  try {
    // Less the one that reading the folder takes.
    return readdirSync('/proc/self/fd').length - 1
  } catch {
    return 0
  }
}
