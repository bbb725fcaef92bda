import { ageColumn, allVersions, type Kind } from './definition.ts'
import { list, map, number, object, type Rule, type Schema, text, withRules } from './schema.ts'

const unix = "has(self.address) && self.address.startsWith('unix://')"

const addressRules: readonly Rule[] = [
  {
    rule: "!self.startsWith('unix://') || self.startsWith('unix:///') || self.startsWith('unix://@')",
    message: 'the path of a unix socket must be absolute, or begin with @',
  },
  {
    rule: "!self.startsWith('unix://') || !self.endsWith('/')",
    message: 'the path of a unix socket must not end with /',
  },
]

const portNames: Rule = {
  rule: "self.all(name, name.size() <= 63 && name.matches('^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$'))",
  message: 'the name of a port must be letters, digits and hyphens, 63 at most',
}

const socketWithoutPorts: Rule = {
  rule: `!(${unix}) || !has(self.ports)`,
  message: 'a unix socket must not have ports',
}

const somewhere: Rule = {
  rule: 'has(self.address) || has(self.network)',
  message: 'an endpoint must have an address unless it names a network',
}

const fields: Readonly<Record<string, Schema>> = {
  address: withRules(text(256), ...addressRules),
  ports: withRules(map(number(1, 65_535), 128), portNames),
  labels: map({ type: 'string' }, 256),
  network: text(2_048),
  locality: text(2_048),
  weight: number(0, 4_294_967_295),
  serviceAccount: text(253),
}

/** Where something runs: the spec of a WorkloadEntry, and each endpoint of a ServiceEntry. */
export const endpointSchema = withRules(object(fields), somewhere, socketWithoutPorts)

/** What the entries of a group are made from; their addresses come later. */
export const templateSchema = withRules(object(fields), socketWithoutPorts)

/** At most so many endpoints. */
export const endpointsSchema = list(endpointSchema, 4_096)

export const workloadEntryKind: Kind = {
  kind: 'WorkloadEntry',
  plural: 'workloadentries',
  shortNames: ['we'],
  versions: allVersions,
  description: 'One workload outside of the cluster, such as a machine.',
  columns: [
    ageColumn,
    {
      name: 'Address',
      type: 'string',
      jsonPath: '.spec.address',
      description: 'Where it is reached.',
    },
  ],
  spec: endpointSchema,
  needsSpec: true,
}
