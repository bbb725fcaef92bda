import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type AgentProcess, startAgentProcess } from '../../src/testing/agent-process.ts'
import { fixtureMesh } from '../../src/testing/fixture-mesh.ts'
import type { NetworkProcess } from '../../src/testing/private-network.ts'
import { PrivateNetwork, privateNetworksSkip } from '../../src/testing/private-network.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'

/** 1,000,000 in continuous integration; 10,000,000 by hand, which takes some eight minutes. */
const datagrams = Number(process.env['MESHDNS_FUZZ_DATAGRAMS'] ?? 200_000)
/** A frame of TCP costs about as much as ten datagrams. */
const frames = Math.ceil(datagrams / 20)
const seed = Number(process.env['MESHDNS_FUZZ_SEED'] ?? randomInt(2 ** 31))

/**
 * The heap that the agent must do with. What lives on it, mostly 16,384 ready-made answers at the end,
 * is some 25 MiB; a leak of five octets for each of ten million datagrams ends it. Without these caps
 * V8 takes up to 100 MiB for its young generation alone, and four times what lives for the old one.
 */
const nodeFlags = ['--max-old-space-size=64', '--max-semi-space-size=16']
/** The heap, the buffers of 512 sockets, and what freed memory leaves in pieces. */
const mostGrowthMib = 96

const program = (name: string) =>
  fileURLToPath(new URL(`../../src/testing/${name}`, import.meta.url))

interface Siege {
  readonly network: PrivateNetwork
  readonly agent: AgentProcess
  readonly upstream: NetworkProcess
}

async function besiege(test: TestContext): Promise<Siege> {
  const folder = await temporaryFolder(test)
  const [sources, resolvConf] = [join(folder, 'mesh.yaml'), join(folder, 'resolv.conf')]
  writeFileSync(sources, fixtureMesh)
  // Many questions are never answered: they are given up soon, so that others find room.
  writeFileSync(
    resolvConf,
    'nameserver 127.0.0.53\nsearch ns1.svc.cluster.local svc.cluster.local\noptions timeout:1 attempts:1\n',
  )
  const network = await PrivateNetwork.open()
  test.after(() => network[Symbol.asyncDispose]())
  const upstream = network.start([
    process.execPath,
    program('garbage-upstream-main.ts'),
    `${seed}`,
    '53',
    '127.0.0.53',
  ])
  await upstream.stdout.line(/^ready$/)
  const stateFolder = join(folder, 'state')
  const agent = await startAgentProcess(network, {
    sources,
    stateFolder,
    resolvConf,
    nodeFlags,
  })
  return { network, agent, upstream }
}

/** Everything that must hold afterwards. */
async function assertUnharmed({ network, agent, upstream }: Siege): Promise<void> {
  assert.equal(agent.process.child.exitCode, null, 'the agent ended')
  assert.equal(upstream.child.exitCode, null, 'the upstream of the test ended')
  assert.deepEqual(agent.errors(), [])
  const dig = async (...words: readonly string[]) =>
    (await network.run(['dig', '@127.0.0.1', '-p', '15053', '+short', '+time=60', ...words])).stdout
  for (const transport of ['+notcp', '+tcp']) {
    assert.equal(await dig(transport, 'auto.mesh.test'), '240.240.0.1\n')
    assert.equal(await dig(transport, 'x.wild.test'), '240.240.0.2\n')
    assert.equal(await dig(transport, 'away.ns1.svc.cluster.local', 'CNAME'), 'v4only.up.test.\n')
  }
  assert.equal(await dig('fine.up.test'), '203.0.113.7\n')
  const metrics = await agent.metrics()
  const broken = metrics.get('meshdns_serve_dropped_total{reason="internal_error"}') ?? 0
  assert.equal(broken, 0, 'queries that broke the resolver')
}

describe('an agent that is sent garbage', { skip: privateNetworksSkip(), timeout: 900_000 }, () => {
  it(`outlives ${datagrams} random and mutated datagrams, and upstreams that answer so`, async (test) => {
    const siege = await besiege(test)
    const { network, agent } = siege
    test.diagnostic(`MESHDNS_FUZZ_SEED=${seed}`)
    const started = performance.now()
    const argv = ['udp', '127.0.0.1:15053', `${datagrams}`, `${seed}`]
    const flood = network.start([process.execPath, program('flood-main.ts'), ...argv])
    const before = agent.residentMib()
    const sizes = [before]
    flood.child.stdout?.on('data', () => sizes.push(agent.residentMib()))
    const done = await flood.stdout.line(/^done/)
    const seconds = (performance.now() - started) / 1_000
    const most = Math.max(...sizes)
    const tenths = sizes.filter((_, at) => at % Math.ceil(sizes.length / 10) === 0)
    test.diagnostic(
      `${seconds.toFixed(1)} s, ${Math.round(datagrams / seconds)} a second; MiB on the way: ` +
        `${tenths.join(' ')}; at most ${most}, after ${agent.residentMib()}; ${done.slice(5)} sent again`,
    )
    await assertUnharmed(siege)
    assert.ok(most - before <= mostGrowthMib, `grew from ${before} to ${most} MiB`)
    const metrics = await agent.metrics()
    const arrived = ['istio_agent_dns_requests_total', 'meshdns_dns_dropped_total']
      .map((name) => metrics.get(name) ?? 0)
      .concat(
        [...metrics]
          .filter(([name]) => name.startsWith('meshdns_serve_dropped_total'))
          .map(([, n]) => n),
      )
      .reduce((sum, count) => sum + count)
    // Nothing of this is worth much when the kernel dropped it.
    assert.ok(arrived >= datagrams * 0.99, `only ${arrived} of ${datagrams} arrived`)
  })

  it(`outlives ${frames} such messages over TCP, cut, cut short and with lengths that lie`, async (test) => {
    const siege = await besiege(test)
    const { network, agent } = siege
    test.diagnostic(`MESHDNS_FUZZ_SEED=${seed}`)
    const before = agent.residentMib()
    const argv = ['tcp', '127.0.0.1:15053', `${frames}`, `${seed}`]
    const flood = network.start([process.execPath, program('flood-main.ts'), ...argv])
    const done = await flood.stdout.line(/^done/)
    const after = agent.residentMib()
    test.diagnostic(`${before} MiB before, ${after} MiB after`)
    assert.equal(done, 'done 0', 'good questions that got no answer')
    await assertUnharmed(siege)
    assert.ok(after - before <= mostGrowthMib, `grew from ${before} to ${after} MiB`)
    const open = (await agent.metrics()).get('meshdns_serve_tcp_connections') ?? 0
    assert.ok(open <= 1, `${open} connections are still open`)
  })
})
