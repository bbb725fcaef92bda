import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { addressOf, MeshNetwork } from './mesh-network.ts'

const labels =
  'host v4only big txt8k srv alias nx servfail refused whoami _headless._tcp.x.svc'.split(' ')
const types = 'A AAAA SRV TXT MX HTTPS CNAME SOA CAA TYPE65400'.split(' ')
const ways = ['+notcp', '+tcp', '+noedns']

const questions = ways.flatMap((way) =>
  labels.flatMap((label) => types.map((type) => `${label}.up.test ${type} ${way}`)),
)

describe('questions outside of the mesh', { skip: networkTestsSkip(), timeout: 600_000 }, () => {
  let network: MeshNetwork

  before(async () => {
    network = await MeshNetwork.start()
    network.hosts.setResolvConf('ep', `nameserver ${addressOf('up1', 4)}\n`)
    await network.startAgent()
  })
  after(() => network[Symbol.asyncDispose]())

  /** What each question is answered: rcode, flags and every record, without its TTL. */
  async function answersOf(host: 'app' | 'ep'): Promise<readonly string[]> {
    const words = ['dig', '+tries=1', '+time=30', '+nocmd', '+nostats', '+nocookie']
    const particular = questions.flatMap((question) => question.split(' '))
    const { stdout } = await network.hosts.run(host, [...words, ...particular])
    return stdout
      .split(/^;; Got answer:$/m)
      .slice(1)
      .map(essence)
  }

  it(`are answered the same, caught and not: ${questions.length} of them`, async () => {
    const [caught, direct] = await Promise.all([answersOf('app'), answersOf('ep')])
    assert.equal(direct.length, questions.length)
    const differing = questions
      .map((question, at) => ({ question, caught: caught[at], direct: direct[at] }))
      .filter((answer) => answer.caught !== answer.direct)
    assert.deepEqual(differing, [])
    const codes = new Set(direct.map((text) => /status: (\w+)/.exec(text)?.[1]))
    const asked = await network.askedOf('up1')
    for (const transport of ['udp', 'tcp']) {
      assert.ok(asked.filter((line) => line === `host.up.test. MX ${transport}`).length >= 2)
    }
    assert.deepEqual(codes, new Set(['NOERROR', 'NXDOMAIN', 'SERVFAIL', 'REFUSED']))
  })
})

/** The EDNS of a hop is its own; and a UDP reply that was too large for the client is cut by us only. */
const ofTheWay = /^(; EDNS:|;; Truncated, retrying)/

function essence(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '' && !ofTheWay.test(line))
  return lines
    .map((line) => line.replace(/, id: \d+$/, '').replace(/^(\S+\s+)\d+(\s+IN)/, '$1$2'))
    .join('\n')
}
