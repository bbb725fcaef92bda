import { execFileSync } from 'node:child_process'
import { cpuSeconds } from './process-usage.ts'
import { loadCore, type Server } from './servers.ts'

/** One bounded run of `dnsperf` against a server. */
export interface LoadRun {
  readonly queriesPerSecond: number
  readonly cpuMicrosecondsPerQuery: number
  readonly lost: number
}

/**
 * Keeps 100 questions in flight for `seconds`, from the other core.
 *
 * @throws {Error} when `dnsperf` is missing, or an answer was not NOERROR.
 */
export function runLoad(server: Server, queryFile: string, seconds: number): LoadRun {
  const before = cpuSeconds(server.pid)
  const where = ['-s', '127.0.0.1', '-p', String(server.port)]
  const how = ['-d', queryFile, '-l', String(seconds), '-c', '4', '-T', '1', '-q', '100']
  const argv = ['--cpu-list', String(loadCore), 'dnsperf', ...where, ...how]
  const output = execFileSync('taskset', argv, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const used = cpuSeconds(server.pid) - before
  const completed = figure(output, /Queries completed:\s+(\d+)/)
  if (!/Response codes:\s+NOERROR \d+ \(100\.00%\)/.test(output)) {
    throw new Error(`${server.name} gave other answers than NOERROR:\n${output}`)
  }
  return {
    queriesPerSecond: figure(output, /Queries per second:\s+([\d.]+)/),
    cpuMicrosecondsPerQuery: (used / completed) * 1e6,
    lost: figure(output, /Queries lost:\s+(\d+)/),
  }
}

function figure(output: string, pattern: RegExp): number {
  const text = pattern.exec(output)?.[1]
  if (text === undefined) throw new Error(`dnsperf printed no ${pattern.source}:\n${output}`)
  return Number(text)
}
