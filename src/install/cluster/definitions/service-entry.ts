import { addressesSchema, ageColumn, allVersions, type Kind } from './definition.ts'
import {
  list,
  number,
  object,
  oneOf,
  type Rule,
  selectorLabels,
  text,
  withRules,
} from './schema.ts'
import { endpointsSchema } from './workload-entry.ts'

const resolution = "(has(self.resolution) ? self.resolution : 'NONE')"

const rules: readonly Rule[] = [
  {
    rule: '!(has(self.workloadSelector) && has(self.endpoints))',
    message: 'only one of endpoints and workloadSelector may be set',
  },
  {
    rule: `!has(self.addresses) || ${resolution} in ['NONE', 'STATIC'] || !self.addresses.exists(address, address.contains('/'))`,
    message: 'an address with a prefix length needs resolution NONE or STATIC',
  },
  {
    rule: `${resolution} != 'NONE' || !has(self.endpoints)`,
    message: 'with resolution NONE there must be no endpoints',
  },
  {
    rule: `${resolution} != 'DNS_ROUND_ROBIN' || !has(self.endpoints) || self.endpoints.size() <= 1`,
    message: 'with resolution DNS_ROUND_ROBIN there must be one endpoint at most',
  },
]

const host = withRules(text(256), { rule: "self != '*'", message: 'a host must not be just *' })

const port = object(
  {
    number: number(1, 65_535),
    name: text(256),
    protocol: text(256),
    targetPort: number(0, 65_535),
  },
  'number',
  'name',
)

const ports = withRules(
  { ...list(port, 256), 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
  {
    rule: 'self.all(one, self.exists_one(other, one.number == other.number))',
    message: 'two ports must not have the same number',
  },
)

const spec = object(
  {
    hosts: { ...list(host, 256), minItems: 1 },
    addresses: list(text(64), 256),
    ports,
    location: oneOf('MESH_EXTERNAL', 'MESH_INTERNAL'),
    resolution: oneOf('NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'),
    endpoints: endpointsSchema,
    workloadSelector: object({ labels: selectorLabels }),
    exportTo: list(text(256), 4_096),
    subjectAltNames: list(text(2_048), 4_096),
  },
  'hosts',
)

export const serviceEntryKind: Kind = {
  kind: 'ServiceEntry',
  plural: 'serviceentries',
  shortNames: ['se'],
  versions: allVersions,
  description: 'Hosts that the mesh knows besides the services of the cluster.',
  columns: [
    { name: 'Hosts', type: 'string', jsonPath: '.spec.hosts', description: 'Its names.' },
    {
      name: 'Location',
      type: 'string',
      jsonPath: '.spec.location',
      description: 'Whether it is part of the mesh (MESH_EXTERNAL or MESH_INTERNAL).',
    },
    {
      name: 'Resolution',
      type: 'string',
      jsonPath: '.spec.resolution',
      description: 'How its endpoints are found (NONE, STATIC, DNS, …).',
    },
    ageColumn,
  ],
  spec: withRules(spec, ...rules),
  needsSpec: true,
  status: { addresses: addressesSchema },
}
