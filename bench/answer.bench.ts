import { Bench } from 'tinybench'
import { Health } from '../src/base/health.ts'
import { Meters } from '../src/base/meters.ts'
import { createRandom } from '../src/base/random.ts'
import { parseIp } from '../src/ip/address.ts'
import { type Hostname, tryParseHostname } from '../src/registry/hostname.ts'
import type { NameRecord } from '../src/registry/name-record.ts'
import type { Client, Driver } from '../src/resolve/driver.ts'
import { ResolverOptions } from '../src/resolve/options.ts'
import { Resolver } from '../src/resolve/resolver.ts'
import { question } from './dns-question.ts'
import { addressOf } from './workload.ts'

const silent: Driver = { ask() {}, forget() {}, wakeAt() {} }
const client: Client = {
  transport: 'udp',
  describe: () => 'bench',
  originalServer: () => undefined,
  reply() {},
}

function recordOf(index: number): NameRecord {
  const host = tryParseHostname(`s${index}.bench.internal`) as Hostname
  const addresses = [parseIp(addressOf(index))]
  return { host, aliases: [], addresses, reverse: addresses, ports: [], endpoints: [] }
}

function resolverWith(cachedAnswers: number): Resolver {
  const resolver = new Resolver(silent, ResolverOptions.parse({ cachedAnswers }), {
    clock: { now: () => 0 },
    meters: new Meters(),
    health: new Health(),
    random: createRandom(),
    own: [],
    virtualPrefixes: [],
  })
  resolver.updateHosts({
    put: Array.from({ length: 1_000 }, (_, index) => recordOf(index)),
    drop: [],
  })
  return resolver
}

const questions = Array.from({ length: 1_000 }, (_, index) => question(`s${index}.bench.internal`))
const out = Buffer.alloc(4_096)
const warm = resolverWith(16_384)
const cold = resolverWith(0)
for (const octets of questions) warm.query(octets, client, 0)

let turn = 0
function next(): Buffer {
  turn = turn + 1 === questions.length ? 0 : turn + 1
  return questions[turn] as Buffer
}

// The copy is the baseline: no answer can cost less than moving its octets.
const bench = new Bench({ time: 500 })
  .add('copy of the octets (baseline)', () => {
    out.set(next())
  })
  .add('answer out of the cache', () => {
    const octets = next()
    if (warm.answer(octets, octets.length, out, 'udp') === 0) throw new Error('not in the cache')
  })
  .add('answer built from the table', () => {
    cold.query(next(), client, 0)
  })
await bench.run()
for (const task of bench.tasks) {
  if (task.result.state !== 'completed') throw new Error(`${task.name}: ${task.result.state}`)
  const { p50, p99 } = task.result.latency
  const nanoseconds = [p50, p99].map((ms) => (ms * 1e6).toFixed(0).padStart(7))
  process.stdout.write(
    `${task.name.padEnd(32)} ${nanoseconds[0]} ns median ${nanoseconds[1]} ns p99\n`,
  )
}
