import { ageColumn, allVersions, type Kind } from './definition.ts'
import { list, map, number, object, oneOf, text, withRules } from './schema.ts'
import { templateSchema } from './workload-entry.ts'

const seconds = number(0, 2_147_483_647)
const port = number(0, 4_294_967_295)
const header = object(
  { name: { ...text(256), pattern: '^[-_A-Za-z0-9]+$' }, value: text(4_096) },
  'name',
)

const methods = {
  httpGet: object(
    {
      path: text(2_048),
      port,
      host: text(256),
      scheme: oneOf('', 'HTTP', 'HTTPS'),
      httpHeaders: list(header, 256),
    },
    'port',
  ),
  tcpSocket: object({ host: text(256), port }, 'port'),
  exec: object({ command: { ...list(text(4_096), 256), minItems: 1 } }, 'command'),
  grpc: object({ service: text(256), port }),
}

const count = Object.keys(methods)
  .map((name) => `(has(self.${name}) ? 1 : 0)`)
  .join(' + ')

const probe = withRules(
  object({
    initialDelaySeconds: seconds,
    timeoutSeconds: seconds,
    periodSeconds: seconds,
    successThreshold: seconds,
    failureThreshold: seconds,
    ...methods,
  }),
  { rule: `${count} <= 1`, message: 'a probe must not have two methods' },
)

const labels = map({ type: 'string' }, 256)

export const workloadGroupKind: Kind = {
  kind: 'WorkloadGroup',
  plural: 'workloadgroups',
  shortNames: ['wg'],
  versions: allVersions,
  description: 'What the entries of like workloads are made from.',
  columns: [ageColumn],
  spec: object(
    { metadata: object({ labels, annotations: labels }), template: templateSchema, probe },
    'template',
  ),
  needsSpec: true,
}
