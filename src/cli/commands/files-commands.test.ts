import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { formatLedger } from '../../files/ledger-text.ts'
import { parseIp } from '../../ip/address.ts'
import type { VirtualOwner } from '../../registry/virtual-addresses.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const examples = fileURLToPath(new URL('../../../examples', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'meshdns-cli-'))
after(() => rmSync(folder, { recursive: true }))

function meshdns(words: readonly string[], input = '') {
  return spawnSync(process.execPath, [main, ...words], { encoding: 'utf8', cwd: folder, input })
}

function entry(name: string, spec: string, namespace = 'default'): string {
  return [
    'apiVersion: networking.istio.io/v1',
    'kind: ServiceEntry',
    `metadata: { name: ${name}, namespace: ${namespace} }`,
    `spec: ${spec}`,
    '---',
    '',
  ].join('\n')
}

const good =
  '{ hosts: [good.test], ports: [{ number: 80, name: http, protocol: HTTP }], resolution: DNS }'
const bad = '{ hosts: ["under_score.test"], ports: [{ number: 80, name: http, protocol: HTTP }] }'

describe('meshdns validate', () => {
  it('says nothing but the summary of good files', () => {
    const { stdout, status } = meshdns(['validate', '-f', examples])
    assert.equal(stdout, '4 objects, 4 services, 0 errors, 0 warnings, 0 notices\n')
    assert.equal(status, 0)
  })

  it('names file, line and column, gives a hint, and fails', () => {
    writeFileSync(join(folder, 'bad.yaml'), entry('good', good) + entry('bad', bad))
    const { stdout, status } = meshdns(['validate', '-f', 'bad.yaml'])
    assert.match(
      stdout,
      /^bad\.yaml:9:\d+: error\[E5\]: ServiceEntry default\/bad spec\.hosts\[0\]: /,
    )
    assert.match(stdout, /\n {2}hint: /)
    assert.match(stdout, /\n2 objects, 1 service, 1 error, 0 warnings, 0 notices\n$/)
    assert.equal(status, 1)
  })

  it('reads the standard input', () => {
    const { stdout, status } = meshdns(['validate', '-f', '-'], entry('bad', bad))
    assert.match(stdout, /^\(standard input\):4:/)
    assert.equal(status, 1)
  })

  it('takes warnings for errors when told to', () => {
    const warned = entry(
      'w',
      '{ hosts: ["*foo.test"], ports: [{ number: 80, name: http, protocol: HTTP }] }',
    )
    assert.equal(meshdns(['validate', '-f', '-'], warned).status, 0)
    assert.equal(meshdns(['validate', '-f', '-', '--strict'], warned).status, 1)
  })

  it('prints the same for programs', () => {
    const { stdout } = meshdns(['validate', '-f', '-', '-o', 'json'], entry('bad', bad))
    const { valid, findings } = JSON.parse(stdout) as {
      readonly valid: boolean
      readonly findings: readonly { readonly code: string; readonly line: number }[]
    }
    assert.equal(valid, false)
    assert.deepEqual([findings[0]?.code, findings[0]?.line], ['E5', 4])
  })

  it('says of a path that is not there just that', () => {
    const { stdout, status } = meshdns(['validate', '-f', 'absent'])
    assert.match(stdout, /^absent:1:1: error\[FILE_MISSING\]: there is no such file or folder\n/)
    assert.equal(status, 1)
  })
})

describe('meshdns services and addresses', () => {
  it('show hosts in aligned columns, without colour for a pipe', () => {
    const { stdout } = meshdns(['services', '-f', examples])
    const [head = '', ...rows] = stdout.trimEnd().split('\n')
    assert.match(head, /^HOST +NAMESPACE +ADDRESS +PORTS +RESOLUTION +ENDPOINTS +FROM$/)
    const column = head.indexOf('ADDRESS')
    assert.equal(rows[0]?.slice(column).startsWith('198.51.100.1 '), true)
    assert.equal(rows[1]?.slice(column).startsWith('240.240.0.1'), true)
  })

  it('leave faulty objects out, and say so', () => {
    const { stdout, stderr, status } = meshdns(['services', '-f', '-'], entry('bad', bad))
    assert.equal(stdout, 'No services.\n')
    assert.match(stderr, /error\[E5\].*\n[^]*without the objects named above/)
    assert.equal(status, 0)
  })

  it('list who holds which address', () => {
    const { stdout } = meshdns(['addresses', '-f', examples, '-o', 'json'])
    const { addresses } = JSON.parse(stdout) as {
      readonly addresses: readonly { readonly address: string; readonly host: string }[]
    }
    const holder = new Map(addresses.map(({ address, host }) => [address, host]))
    assert.equal(holder.get('198.51.100.1'), 'address.internal')
    assert.equal(holder.get('240.240.0.1'), 'auto.internal')
    assert.equal(holder.get('240.240.0.3'), 'payments.internal')
    assert.equal(holder.get('2001:2::2'), 'orders.internal')
  })

  it('keep to what an agent has given out', () => {
    const held = [{ owner: 'default/payments.internal', v4: '240.240.0.77' }]
    mkdirSync(join(folder, 'state'))
    const owner = held.map(
      ({ owner: one, v4 }) => [one as VirtualOwner, { v4: parseIp(v4) }] as const,
    )
    const text = formatLedger({ held: new Map(owner), resting: new Map() })
    writeFileSync(join(folder, 'state/virtual-addresses.json'), text)
    const { stdout } = meshdns(['addresses', '-f', examples, '--state-folder', 'state'])
    assert.match(stdout, /^240\.240\.0\.77 +virtual +payments\.internal/m)
    assert.match(stdout, /^240\.240\.0\.1 +virtual +auto\.internal/m)
  })

  it('refuse a state folder that is not there', () => {
    const { stderr, status } = meshdns(['addresses', '-f', examples, '--state-folder', 'absent'])
    assert.match(stderr, /^error\[CLI_STATE_UNREADABLE\]: the state folder absent cannot be read/)
    assert.equal(status, 1)
  })

  it('take virtual addresses from the range that is asked for', () => {
    const range = ['--virtual-addresses-v4-prefix', '10.99.0.0/16']
    assert.match(meshdns(['addresses', '-f', examples, ...range]).stdout, /^10\.99\.0\.1 +virtual/m)
  })
})

describe('meshdns lookup', () => {
  it('answers from the mesh, in the case of the question', () => {
    const { stdout, status } = meshdns(['lookup', '-f', examples, 'AUTO.internal.', 'A'])
    assert.match(stdout, /^AUTO\.internal\. +30 +A +240\.240\.0\.1$/m)
    assert.match(stdout, /\nA: NOERROR from mesh\n$/)
    assert.equal(status, 0)
  })

  it('finds the name of an address, and the port of a service', () => {
    assert.match(meshdns(['lookup', '-f', examples, '240.240.0.1']).stdout, /PTR +auto\.internal\./)
    const srv = meshdns(['lookup', '-f', examples, '_http._tcp.auto.internal', 'srv'])
    assert.match(srv.stdout, /SRV +0 1 80 auto\.internal\./)
  })

  it('ends with 1 when there is no record', () => {
    const { stdout, status } = meshdns(['lookup', '-f', examples, 'auto.internal', 'HTTPS'])
    assert.match(stdout, /^No records\.\n\nHTTPS: NOERROR from mesh\n$/)
    assert.equal(status, 1)
  })

  it('says when nobody answers', () => {
    const { stderr, status } = meshdns(['lookup', '--server', '127.0.0.1:1', 'auto.internal'])
    assert.match(stderr, /^error\[CLI_NO_ANSWER\]: no answer from 127\.0\.0\.1:1\n {2}caused by: /)
    assert.equal(status, 1)
  })
})

describe('meshdns explain', () => {
  it('names entry, address and endpoint', () => {
    const { stdout } = meshdns(['explain', '-f', examples, 'auto.internal'])
    assert.match(stdout, /^auto\.internal: answered from the mesh with 240\.240\.0\.1/)
    assert.match(stdout, /ServiceEntry default\/external-auto \(.*external-auto\.yaml:2\)/)
    assert.match(stdout, /port 80: carried to 198\.51\.100\.2:80 \(STATIC\)/)
    assert.match(stdout, /other ports: refused at once/)
  })

  it('says whose address it is', () => {
    const { stdout } = meshdns(['explain', '-f', examples, '240.240.0.3'])
    assert.match(stdout, /^240\.240\.0\.3: the virtual address of payments\.internal\n/)
    assert.match(stdout, /port 9000: carried to 198\.51\.100\.4:9001/)
  })

  it('says which endpoints are for which clients', () => {
    const text = [
      '{ apiVersion: v1, kind: Service, metadata: { name: web },',
      '  spec: { clusterIP: 10.96.0.1, internalTrafficPolicy: Local, ports: [{ port: 80 }] } }',
      '---',
      '{ apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, ports: [{ port: 8080 }],',
      '  metadata: { name: web-1, labels: { kubernetes.io/service-name: web } },',
      '  endpoints: [{ addresses: [10.1.0.1], nodeName: node-1, zone: z }, { addresses: [10.1.0.2] }] }',
    ].join('\n')
    const { stdout } = meshdns(['explain', '-f', '-', '10.96.0.1'], text)
    assert.match(stdout, /port 80: carried to 10\.1\.0\.1:8080, 10\.1\.0\.2:8080 \(STATIC\)/)
    assert.match(
      stdout,
      /Local: only to those of the client’s own node \(10\.1\.0\.1 on node-1, in \/z; 10\.1\.0\.2 on no node\)/,
    )
    const services = meshdns(['services', '-f', '-'], text).stdout
    assert.match(services, /STATIC \(Local\)/)
    const { services: values } = JSON.parse(
      meshdns(['services', '-f', '-', '-o', 'json'], text).stdout,
    )
    assert.equal(values[0].declarations[0].prefers, 'Local')
    assert.equal(values[0].declarations[0].endpoints[0].node, 'node-1')
  })

  it('says which entries lost, and why', () => {
    const both =
      entry('theirs', good, 'other') +
      entry('ours', good) +
      entry(
        'hidden',
        good.replace('}', '}').replace('resolution', 'exportTo: ["."], resolution'),
        'third',
      )
    const { stdout } = meshdns(['explain', '-f', '-', 'good.test'], both)
    assert.match(stdout, /declared by +ServiceEntry default\/ours/)
    assert.match(
      stdout,
      /not used +ServiceEntry other\/theirs: the own namespace default comes first/,
    )
    assert.match(stdout, /ServiceEntry third\/hidden: not visible in namespace default/)
  })

  it('says which server is asked for a name outside of the mesh', () => {
    const { stdout } = meshdns(['explain', '-f', examples, 'outside.example'])
    assert.match(stdout, /not answered from the mesh: .*:53 is asked\n/)
    assert.match(stdout, /upstream +.*\(\/etc\/resolv\.conf\)/)
  })

  it('says when an agent knows better that a name does not exist', () => {
    const { stdout } = meshdns(['explain', '-f', examples, 'no.ns1.svc.cluster.local'])
    assert.match(
      stdout,
      /but an agent whose controller reads all of the cluster denies such a name/,
    )
  })

  it('says why a known host has no address', () => {
    const none = entry(
      'none',
      '{ hosts: [none.test], ports: [{ number: 80, name: http, protocol: HTTP }] }',
    )
    const { stdout } = meshdns(['explain', '-f', '-', 'none.test'], none)
    assert.match(stdout, /address +none: resolution NONE gets no virtual address/)
  })
})
