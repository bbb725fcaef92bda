import { nameRecord } from './name-records.ts'
import { ResolverRig } from './resolver-rig.ts'

/** Of a small cluster that is not called `cluster.local`. */
export const domain = 'k8s.corp'
const cluster = { domain, headless: false }
const http = { name: 'http', protocol: 'tcp', number: 80 } as const
const sync = { name: 'sync', protocol: 'sctp', number: 132 } as const
export const hlHost = `hl.ns1.svc.${domain}`

export function record(name: string, addresses: readonly string[], more = {}) {
  const aliases = [`${name}.ns1`, `${name}.ns1.svc`]
  return nameRecord(`${name}.ns1.svc.${domain}`, addresses, { aliases, cluster, ...more })
}

export function endpoint(label: string, address: string) {
  const { addresses } = nameRecord('x.y', [address])
  return { label, addresses, ports: [{ ...http, number: 8080 }] }
}

export const hosts = [
  record('web', ['10.96.0.1', 'fd00::1'], {
    ports: [http, sync],
    endpoints: [endpoint('10-0-0-9', '10.0.0.9')],
  }),
  record('hl', ['10.0.0.1'], {
    reverse: [],
    cluster: { domain, headless: true },
    endpoints: [endpoint('db-0', '10.0.0.1')],
  }),
  record('idle', [], { cluster: { domain, headless: true } }),
  record('ext', [], { externalName: `web.ns1.svc.${domain}` }),
  record('lost', [], { externalName: `idle.ns1.svc.${domain}` }),
  record('away', [], { externalName: 'www.up.test' }),
  nameRecord('b.idle', ['192.0.2.1']),
  nameRecord('ns1', ['192.0.2.2']),
]

export const facts = {
  domain,
  namespaces: new Set(['ns1', 'ns2']),
  complete: true,
  unknownServices: new Set(['odd.ns1']),
}

/** A resolver that has these hosts, and the search list of a pod in `ns1`. */
export function rig(): ResolverRig {
  const resolvConf = `nameserver 192.0.2.53\nsearch ns1.svc.${domain} svc.${domain} ${domain}\n`
  return new ResolverRig({ hosts, resolvConf })
}
