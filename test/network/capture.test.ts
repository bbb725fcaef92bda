import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import type { HostProcess } from '../../src/testing/test-network.ts'
import { root } from '../architecture/tree.ts'
import { addressOf, agentUid, MeshNetwork } from './mesh-network.ts'

/** A question of the application, whichever way it goes. */
interface Question {
  readonly name: string
  readonly words: readonly string[]
  readonly want: string
}

const questions: readonly Question[] = [
  { name: 'a service without an address', words: ['auto.mesh.test'], want: '240.240.0.1' },
  { name: 'its IPv6 address', words: ['AAAA', 'auto.mesh.test'], want: '2001:2::1' },
  { name: 'a service with addresses', words: ['plain.mesh.test'], want: '198.51.100.1' },
  { name: 'a name below a wildcard', words: ['a.wild.mesh.test'], want: '240.240.0.2' },
  { name: 'whose address it is', words: ['-x', '240.240.0.1'], want: 'auto.mesh.test.' },
  { name: 'hints that would lead round the mesh', words: ['HTTPS', 'auto.mesh.test'], want: '' },
  { name: 'another name', words: ['host.up.test'], want: '203.0.113.4' },
  { name: 'a name that does not exist', words: ['nx.up.test'], want: '' },
  { name: 'the server itself', words: ['TXT', 'whoami.up.test'], want: '"up1"' },
]

const ways = ([4, 6] as const).flatMap((family) =>
  (['udp', 'tcp'] as const).map((transport) => ({ family, transport })),
)

/** A connection of the application. */
interface Visit {
  readonly name: string
  readonly argv: readonly string[]
  readonly want: string
}

const curl = ['curl', '--silent', '--show-error', '--max-time', '60']
/** Prints what a service that speaks first says. */
const greeting = (where: string) => ['bash', '-c', `cat < /dev/tcp/${where}`]

const visits: readonly Visit[] = [
  ...['-4', '-6'].flatMap((family) => [
    {
      name: `a service without an address, curl ${family}`,
      argv: [...curl, family, 'http://auto.mesh.test/'],
      want: 'page auto.mesh.test\n',
    },
    {
      name: `explicit addresses of a service with endpoints, curl ${family}`,
      argv: [...curl, family, 'http://plain.mesh.test/'],
      want: 'page plain.mesh.test\n',
    },
    {
      name: `a name outside of the mesh, curl ${family}`,
      argv: [...curl, family, 'http://endpoint.up.test/'],
      want: 'page endpoint.up.test\n',
    },
  ]),
  {
    name: 'one of two services on a TCP port',
    argv: greeting('one.db.mesh.test/5432'),
    want: 'tcp-one\n',
  },
  { name: 'the other of them', argv: greeting('two.db.mesh.test/5432'), want: 'tcp-two\n' },
  {
    name: 'an address outside of the mesh',
    argv: [...curl, 'http://192.0.2.80:8080/'],
    want: 'other-page 192.0.2.80:8080\n',
  },
]

/** Exit codes of curl when a connection is reset. */
const [couldNotConnect, failedToReceive] = [7, 56]

const skip = networkTestsSkip()

for (const backend of ['nftables', 'iptables']) {
  describe(`an application whose traffic is caught with ${backend}`, {
    skip,
    timeout: 600_000,
  }, () => {
    let network: MeshNetwork
    let agent: HostProcess

    before(async () => {
      network = await MeshNetwork.start()
      agent = await network.startAgent({ capture: { backend } })
    })
    after(() => network[Symbol.asyncDispose]())

    it('is served by an agent that root started and that has one right left', async () => {
      const { stdout } = await network.run('cat', `/proc/${agent.child.pid}/status`)
      assert.match(stdout, new RegExp(`^Uid:(\\s${agentUid}){4}$`, 'm'))
      assert.match(stdout, new RegExp(`^Gid:(\\s${agentUid}){4}$`, 'm'))
      for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb']) {
        assert.match(stdout, new RegExp(`^Cap${set}:\\s0000000000001000$`, 'm'))
      }
    })

    for (const { family, transport } of ways) {
      it(`asks over ${transport} and IPv${family}`, async () => {
        const how = transport === 'tcp' ? '+tcp' : '+notcp'
        const server = `@${addressOf('up1', family)}`
        const answers = await Promise.all(
          questions.map(({ words }) => network.dig(server, how, ...words)),
        )
        const told = questions.map(({ name }, at) => ({ name, answer: answers[at] }))
        assert.deepEqual(
          told,
          questions.map(({ name, want }) => ({ name, answer: want })),
        )
      })
    }

    it('gets large answers whole, by TCP where UDP has no room', async () => {
      const many = await network.dig('big.up.test')
      assert.equal(many.split(' ').length, 42)
      const text = await network.dig('TXT', 'txt8k.up.test')
      assert.equal(text.replaceAll(/[" ]/g, '').length, 8_000)
    })

    for (const { name, argv, want } of visits) {
      it(`reaches ${name}`, async () => {
        const { code, stdout, stderr } = await network.run(...argv)
        assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: want, stderr: '' })
      })
    }

    it('sees where it connects to', async () => {
      const { stderr } = await network.run('curl', '-4', '-sv', 'http://auto.mesh.test/')
      assert.match(stderr, /Trying 240\.240\.0\.1:80\.\.\./)
    })

    it('is refused at once on a port that nobody declared', async () => {
      for (const host of ['auto.mesh.test', '240.240.0.1', '[2001:2::1]']) {
        const timed = [...curl, '--write-out', '%{time_total}']
        const { code, stdout, stderr } = await network.run(...timed, `http://${host}:81/`)
        console.log(`refused after ${Math.round(Number(stdout) * 1_000)} ms`)
        assert.ok([couldNotConnect, failedToReceive].includes(code), `${code} ${stderr}`)
      }
      assert.match(
        await agent.stdout.line(/port_not_declared/),
        /"port":81,"host":"auto.mesh.test","reason":"port_not_declared"/,
      )
    })

    it('may ask for everything from one socket', async () => {
      const names = Array.from({ length: 500 }, (_, at) =>
        at % 2 === 0 ? `n${at}.wild.mesh.test` : `n${at}.up.test`,
      )
      const asker = [process.execPath, `${root}/src/testing/asker-main.ts`]
      const { stdout, stderr } = await network.run(...asker, addressOf('up1', 4), ...names)
      assert.equal(stderr, '')
      const want = names.map(
        (name, at) => `${name} NOERROR ${at % 2 === 0 ? '240.240.0.2' : '203.0.113.4'}`,
      )
      assert.deepEqual(stdout.trimEnd().split('\n'), want)
    })

    it('shows its servers no name of the mesh', async () => {
      const asked = await network.askedOf('up1')
      assert.ok(asked.length >= 250, `${asked.length} questions`)
      assert.deepEqual(
        asked.filter((line) => !/^\S+\.up\.test\. /.test(line)),
        [],
      )
    })
  })
}
