import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { dataOf } from '../../src/testing/dig-reply.ts'
import { Machine, searchDomains } from '../../src/testing/machine.ts'
import { privateNetworksSkip } from '../../src/testing/private-network.ts'

const endpoints = fileURLToPath(new URL('../../src/testing/endpoint-main.ts', import.meta.url))

/** The parts of the debug page that say what is answered. */
interface NamesPage {
  readonly table: Readonly<
    Record<string, { readonly aliases: readonly string[]; readonly externalName?: string }>
  >
}

describe('answers of the mesh', { skip: privateNetworksSkip() }, () => {
  let machine: Machine
  before(async () => {
    machine = await Machine.start({ addresses: ['10.9.0.1/32'], outside: ['192.0.2.1/24'] })
    const service = machine.network.start([process.execPath, endpoints, 'plain@10.9.0.1:80'])
    await service.stdout.line(/^ready$/)
  })
  after(() => machine[Symbol.asyncDispose]())

  // Row 4.
  it('are empty, with an SOA, for AAAA of a host that has only IPv4', async () => {
    const { status, answer, authority } = await machine.dig('AAAA', 'plain.mesh.test')
    assert.equal(status, 'NOERROR')
    assert.deepEqual(answer, [])
    assert.match(authority.join(), /^plain\.mesh\.test\. SOA /)
  })

  // Row 4.
  it('let programs reach a host that has only IPv4, whether they ask for one family or both', async () => {
    for (const family of [['-4'], []]) {
      const argv = ['curl', '-sv', '--max-time', '60', ...family, 'http://plain.mesh.test/']
      const { code, stderr } = await machine.run(...argv)
      assert.equal(code, 0, stderr)
      assert.match(stderr, /Trying 10\.9\.0\.1:80/)
    }
    // Over IPv6 there is no way, and no waiting for one (28 is curl's time-out).
    const { code } = await machine.run('curl', '-s6', '--max-time', '60', 'http://plain.mesh.test/')
    assert.ok(code === 6 || code === 7, `curl -6 ended with ${code}`)
    const { stdout } = await machine.run('getent', 'ahosts', 'plain.mesh.test')
    const found = stdout.trimEnd().split('\n')
    assert.deepEqual([...new Set(found.map((line) => line.split(' ')[0]))], ['10.9.0.1'])
  })

  // Row 5.
  it('stand under the name that was asked, when a search list made it', async () => {
    const asked = 'kubernetes.default.svc.ns1.svc.cluster.local'
    assert.deepEqual((await machine.dig(asked)).answer, [`${asked}. A 10.96.0.1`])
  })

  // Row 5.
  it('hold no alias that leads nowhere', async () => {
    const { table } = (await machine.agent.page('/debug/ndsz')) as NamesPage
    const names = Object.entries(table).flatMap(([host, { aliases }]) => [host, ...aliases])
    const asked = names
      .map((name) => name.replace('*', 'any'))
      .flatMap((name) => [name, ...searchDomains.map((domain) => `${name}.${domain}`)])
      // That one leads to itself, and is refused.
      .filter((name) => !name.startsWith('circle'))
    assert.ok(asked.length > 50, 'the table is too small to say much')
    const { stdout } = await machine.run('dig', '@127.0.0.1', '+noall', '+answer', ...asked)
    const records = stdout.split('\n').map((line) => line.split(/\s+/))
    const targets = records.filter((record) => record[3] === 'CNAME').map((record) => record[4])
    assert.ok(targets.length > 0)
    for (const target of new Set(targets)) {
      const { answer } = await machine.dig(target ?? '')
      assert.ok(
        answer.some((record) => record.startsWith(`${target} A `)),
        `${target} is nothing`,
      )
    }
  })

  // Row 6.
  it('hold no alias below a wildcard, whatever the search list made of the name', async () => {
    for (const name of ['a.wild.test', ...searchDomains.map((domain) => `a.wild.test.${domain}`)]) {
      assert.deepEqual((await machine.dig(name)).answer, [`${name}. A 240.240.0.2`])
    }
    const { stdout } = await machine.run('getent', 'hosts', 'a.wild.test')
    assert.match(stdout, /^240\.240\.0\.2 +a\.wild\.test\n$/)
  })

  // Row 7.
  it('tell the port of a service by SRV, with its address', async () => {
    const { answer, additional } = await machine.dig('SRV', '_http._tcp.plain.mesh.test')
    assert.deepEqual(answer, ['_http._tcp.plain.mesh.test. SRV 0 1 80 plain.mesh.test.'])
    assert.deepEqual(additional, ['plain.mesh.test. A 10.9.0.1'])
  })

  // Row 7.
  it('deny the SRV of a port that nobody declared, with an SOA', async () => {
    const { status, answer, authority } = await machine.dig('SRV', '_https._tcp.plain.mesh.test')
    assert.equal(status, 'NXDOMAIN')
    assert.deepEqual(answer, [])
    assert.match(authority.join(), / SOA /)
  })

  // Row 40.
  it('give no way round a virtual address by HTTPS, SVCB or ANY, and ask no upstream', async () => {
    machine.forgetAsked()
    for (const name of ['auto.mesh.test', 'a.wild.test', 'auto.mesh.test.cluster.local']) {
      for (const type of ['HTTPS', 'SVCB']) {
        const { status, answer, additional, authority } = await machine.dig(type, name)
        assert.equal(status, 'NOERROR')
        assert.deepEqual([...answer, ...additional], [])
        assert.match(authority.join(), / SOA /)
      }
      for (const transport of ['+notcp', '+tcp']) {
        const reply = await machine.dig('ANY', transport, name)
        assert.deepEqual(dataOf(reply), [name === 'a.wild.test' ? '240.240.0.2' : '240.240.0.1'])
        assert.deepEqual(reply.additional, [])
      }
      // Where a browser looks for the hints of another port than 443 (RFC 9460 §2.3).
      const { status, answer } = await machine.dig('HTTPS', `_8443._https.${name}`)
      assert.deepEqual([status, answer], ['NOERROR', []])
    }
    assert.deepEqual(machine.asked(), [])
  })
})
