import { type Spread, spreadOf } from './spread.ts'

/** CPU time of this process that the work took, in milliseconds. */
export async function cpuMs(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

/** CPU time of each of some rounds. */
export async function measureCpu(
  times: number,
  work: (round: number) => void | Promise<void>,
): Promise<Spread> {
  const spent: number[] = []
  for (let round = 0; round < times; round += 1) spent.push(await cpuMs(() => work(round)))
  return spreadOf(spent)
}
