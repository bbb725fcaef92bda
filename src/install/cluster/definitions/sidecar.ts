import { allVersions, type Kind } from './definition.ts'
import { anything, list, number, object, oneOf, selectorLabels, text } from './schema.ts'

const port = object({
  number: number(0, 4_294_967_295),
  protocol: text(256),
  name: text(256),
  targetPort: number(0, 4_294_967_295),
})

const captureMode = oneOf('DEFAULT', 'IPTABLES', 'NONE')

const ingress = object(
  {
    port,
    bind: text(256),
    captureMode,
    defaultEndpoint: text(2_048),
    tls: anything,
    connectionPool: anything,
  },
  'port',
)

const egress = object(
  { port, bind: text(256), captureMode, hosts: list(text(512), 4_096) },
  'hosts',
)

const destination = object({
  host: text(256),
  port: object({ number: number(0, 4_294_967_295) }),
  subset: text(256),
})

export const sidecarKind: Kind = {
  kind: 'Sidecar',
  plural: 'sidecars',
  versions: allVersions,
  description: 'What workloads see of the mesh.',
  spec: object({
    workloadSelector: object({ labels: selectorLabels }),
    ingress: list(ingress, 256),
    egress: list(egress, 256),
    inboundConnectionPool: anything,
    outboundTrafficPolicy: object({
      mode: oneOf('REGISTRY_ONLY', 'ALLOW_ANY'),
      egressProxy: destination,
    }),
  }),
}
