import { readFileSync } from 'node:fs'

/** Clock ticks a second of /proc: 100 on every Linux that Node runs on (sysconf _SC_CLK_TCK). */
const ticksPerSecond = 100

/** Processor time that a process has used so far, in all of its threads, user and system. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The command's name is in parentheses and may hold anything; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Memory that is really in use, in MiB. */
export function residentMebioctets(pid: number): number {
  return statusMebioctets(pid, 'VmRSS')
}

/** Memory that no other process shares, in MiB. */
export function privateMebioctets(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const parts = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)]
  return parts.reduce((sum, [, kibioctets]) => sum + Number(kibioctets), 0) / 1024
}

/** The most that it ever was, in MiB. */
export function peakMebioctets(pid: number): number {
  return statusMebioctets(pid, 'VmHWM')
}

function statusMebioctets(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1024
}
