import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { MeshShell } from './mesh-shell.ts'
import { RunHost, type User } from './run-host.ts'
import { runTestsSkip } from './run-skip.ts'

interface Case {
  readonly name: string
  /** A line of shell. */
  readonly line: string
  /** What it prints, with `|` between lines; a pattern where more is printed than matters. */
  readonly want: string | RegExp
}

const urllib = (url: string) =>
  `python3 -c "import urllib.request as r; print(r.urlopen('${url}').read().decode(), end='')"`

const rawSocket = (host: string, port: number) =>
  `python3 -c "import socket; s = socket.create_connection(('${host}', ${port})); print(s.makefile().readline(), end='')"`

const psql = (host: string) => `psql -w 'host=${host} user=app dbname=app' -Atc 'select name'`

const cases: readonly Case[] = [
  {
    name: 'dig, over UDP',
    line: 'dig +short +time=60 +notcp web.mesh.test A; dig +short +time=60 +notcp web.mesh.test AAAA',
    want: '240.240.0.1|2001:2::1|',
  },
  {
    name: 'dig, over TCP',
    line: 'dig +short +time=60 +tcp web.mesh.test A; dig +short +time=60 +tcp web.mesh.test AAAA',
    want: '240.240.0.1|2001:2::1|',
  },
  {
    name: 'dig, for an explicit address',
    line: 'dig +short +time=60 plain.mesh.test A; dig +short +time=60 plain.mesh.test AAAA',
    want: '10.9.0.1|2001:db8:9::1|',
  },
  {
    name: 'dig, for the name of an address',
    line: 'dig +short +time=60 -x 240.240.0.1',
    want: 'web.mesh.test.|',
  },
  { name: 'curl', line: 'curl -sS http://web.mesh.test', want: 'web web.mesh.test|' },
  {
    name: 'curl, over IPv4',
    line: 'curl -sSv4 http://web.mesh.test 2>&1',
    want: /Trying 240\.240\.0\.1:80[^]*\nweb web\.mesh\.test\n/,
  },
  {
    name: 'curl, over IPv6',
    line: 'curl -sSv6 http://web.mesh.test 2>&1',
    want: /Trying \[?2001:2::1\]?:80[^]*\nweb web\.mesh\.test\n/,
  },
  {
    name: 'curl, at an explicit address of either family',
    line: 'curl -sS4 http://plain.mesh.test; curl -sS6 http://plain.mesh.test',
    want: 'plain plain.mesh.test|plain plain.mesh.test|',
  },
  {
    name: 'curl over IPv4, to an endpoint of IPv6',
    line: 'curl -sS4 http://six.mesh.test',
    want: 'six six.mesh.test|',
  },
  {
    name: 'getent ahosts, with both families',
    line: 'getent ahosts web.mesh.test | awk \'$2 == "STREAM" { print $1 }\' | sort',
    want: '2001:2::1|240.240.0.1|',
  },
  {
    name: 'getent hosts, for a name that a wildcard matches, with search domains',
    line: 'getent ahostsv4 a.wild.test | head -1; getent hosts a.wild.test',
    want: /^240\.240\.0\.3 +STREAM a\.wild\.test.*\n2001:2::3 +a\.wild\.test/,
  },
  {
    name: 'curl, to a name that a wildcard matches, with search domains',
    line: 'curl -sS http://a.wild.test',
    want: 'wild a.wild.test|',
  },
  { name: 'urllib of Python', line: urllib('http://web.mesh.test'), want: 'web web.mesh.test|' },
  { name: 'a raw socket of Python', line: rawSocket('echo.mesh.test', 7_000), want: 'echo|' },
  {
    name: 'psql, to the first of two databases on one port',
    line: psql('orders.mesh.test'),
    want: 'orders|',
  },
  {
    name: 'psql, to the second of two databases on one port',
    line: psql('payments.mesh.test'),
    want: 'payments|',
  },
  {
    name: 'curl, to an endpoint that is a DNS name',
    line: 'curl -sS http://named.mesh.test',
    want: 'named named.mesh.test|',
  },
  {
    name: 'curl, to an endpoint that is a socket file',
    line: 'curl -sS http://socket.mesh.test',
    want: 'socket socket.mesh.test|',
  },
  {
    name: 'dig, for names outside of the mesh, by the resolver of the host',
    line: 'dig +short +time=60 whoami.up.test TXT; dig +short +time=60 +tcp v4only.up.test',
    want: '"U1"|203.0.113.4|',
  },
  {
    name: 'dig, for a name that does not exist',
    line: 'dig nx.up.test',
    want: /status: NXDOMAIN[^]*up\.test\.\s+\d+\s+IN\s+SOA/,
  },
  {
    name: 'dig, for an answer that is too large for UDP',
    line: 'dig +short +time=60 big.up.test | wc -l',
    want: /^ *42\n$/,
  },
  {
    name: 'curl, to a host outside of the mesh',
    line: 'curl -sS http://v4only.up.test; curl -sS http://203.0.113.4',
    want: 'outside v4only.up.test|outside 203.0.113.4|',
  },
]

const skip = runTestsSkip()
const accounts: readonly { readonly user: User; readonly says: string }[] = [
  { user: 'root', says: 'root' },
  { user: 'user', says: 'an ordinary user' },
]

for (const { user, says } of accounts) {
  describe(`in a command that ${says} runs in the mesh`, { skip }, () => {
    let host: RunHost
    let shell: MeshShell

    before(async () => {
      host = await RunHost.start()
      shell = host.openShell(user)
    })
    after(() => host[Symbol.asyncDispose]())

    it('is the user who called', async () => {
      assert.equal((await shell.run('id -u')).stdout, user === 'root' ? '0\n' : '1000\n')
    })

    for (const { name, line, want } of cases) {
      it(`works: ${name}`, async () => {
        const { stdout, stderr } = await shell.run(line)
        if (typeof want === 'string') assert.equal(stdout.replaceAll('\n', '|'), want, stderr)
        else assert.match(stdout, want, stderr)
      })
    }

    it('asks the resolver of the host for no name of the mesh', () => {
      const leaked = host.asked().filter((line) => /\.(mesh|wild)\.test\./.test(line))
      assert.deepEqual(leaked, [])
    })
  })
}
