import { z } from 'zod'
import { beginningOf } from '../../base/beginning-of.ts'
import type { WorkloadGroup } from '../mesh-object.ts'
import { entryName } from './entry-name.ts'
import type { Registrant } from './registrant.ts'

const Texts = z.record(z.string(), z.string())

const Condition = z.strictObject({
  type: z.literal('Healthy'),
  status: z.enum(['True', 'False']),
  lastTransitionTime: z.string(),
  message: z.string().optional(),
})

/** A WorkloadEntry that a machine became by connecting, as Kubernetes would keep it. Immutable. */
export const RegisteredEntry = z.strictObject({
  apiVersion: z.literal('networking.istio.io/v1'),
  kind: z.literal('WorkloadEntry'),
  metadata: z.strictObject({
    name: z.string(),
    namespace: z.string(),
    creationTimestamp: z.string(),
    labels: Texts,
    annotations: Texts,
    ownerReferences: z.array(
      z.strictObject({
        apiVersion: z.string(),
        kind: z.literal('WorkloadGroup'),
        name: z.string(),
        controller: z.literal(true),
      }),
    ),
  }),
  spec: z.strictObject({
    address: z.string(),
    ports: z.record(z.string(), z.number()).optional(),
    labels: Texts.optional(),
    network: z.string().optional(),
    locality: z.string().optional(),
    weight: z.number().optional(),
    serviceAccount: z.string().optional(),
  }),
  status: z.strictObject({ conditions: z.array(Condition) }).optional(),
})
export type RegisteredEntry = Readonly<z.infer<typeof RegisteredEntry>>

/** What the annotations of a registered entry are called (Istio: auto-registration). */
export const registration = {
  group: 'istio.io/autoRegistrationGroup',
  controller: 'istio.io/workloadController',
  connectedAt: 'istio.io/connectedAt',
  disconnectedAt: 'istio.io/disconnectedAt',
  healthChecked: 'proxy.istio.io/health-checks-enabled',
} as const

/** When, and at which controller, a machine connected. */
export interface Connected {
  /** Milliseconds since 1970. */
  readonly atMs: number
  readonly controller: string
}

/** What the machine says of its health. */
export interface HealthReport {
  readonly healthy: boolean
  readonly message: string
}

const maxMessageLength = 512

/** A group's entry for one machine; the machine's own word counts. Labels: the template's, under the group's, under the machine's own. */
export function entryOfGroup(
  group: WorkloadGroup,
  registrant: Registrant & Required<Pick<Registrant, 'address'>>,
  connected: Connected,
): RegisteredEntry {
  const { template, meta } = group
  const labels = { ...fromMap(template.labels), ...fromMap(group.labels) }
  const network = registrant.network ?? template.network
  const locality = registrant.locality ?? template.locality
  const { weight, serviceAccount } = template
  const entry: RegisteredEntry = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadEntry',
    metadata: {
      name: entryName(registrant),
      namespace: meta.namespace,
      creationTimestamp: formatTime(connected.atMs),
      labels: { ...labels, ...fromMap(registrant.labels) },
      annotations: {
        ...fromMap(group.annotations),
        [registration.group]: meta.name,
        ...(registrant.checksHealth ? { [registration.healthChecked]: 'true' } : {}),
      },
      ownerReferences: [
        {
          apiVersion: 'networking.istio.io/v1',
          kind: 'WorkloadGroup',
          name: meta.name,
          controller: true,
        },
      ],
    },
    spec: {
      address: registrant.address,
      ...(template.ports.size > 0 ? { ports: Object.fromEntries(template.ports) } : {}),
      ...(network === undefined ? {} : { network }),
      ...(locality === undefined ? {} : { locality }),
      ...(weight === 1 ? {} : { weight }),
      ...(serviceAccount === undefined ? {} : { serviceAccount }),
    },
  }
  return withConnected(entry, connected)
}

/** The entry of a machine that is connected: again, or from now on. */
export function withConnected(entry: RegisteredEntry, connected: Connected): RegisteredEntry {
  const { [registration.disconnectedAt]: _, ...annotations } = entry.metadata.annotations
  return withAnnotations(entry, {
    ...annotations,
    [registration.controller]: connected.controller,
    [registration.connectedAt]: formatTime(connected.atMs),
  })
}

/** The controller that looks after it, and since when; 0 when it does not say. */
export function connectedOf({ metadata: { annotations } }: RegisteredEntry): Connected {
  return {
    atMs: Date.parse(annotations[registration.connectedAt] ?? '') || 0,
    controller: annotations[registration.controller] ?? '',
  }
}

/** Whether another controller than that of `held` has its machine since. */
export function hasMovedOn(entry: RegisteredEntry, held: RegisteredEntry): boolean {
  const [now, before] = [connectedOf(entry), connectedOf(held)]
  return now.controller !== before.controller && now.atMs > before.atMs
}

/** Whether its machine was seen to leave, and not to return. */
export function hasLeft({ metadata }: RegisteredEntry): boolean {
  return metadata.annotations[registration.disconnectedAt] !== undefined
}

/** The entry of a machine that went away, for as long as it may still return. */
export function withDisconnected(entry: RegisteredEntry, atMs: number): RegisteredEntry {
  return withAnnotations(entry, {
    ...entry.metadata.annotations,
    [registration.disconnectedAt]: formatTime(atMs),
  })
}

/** The entry with what its machine reports; the same object when that is nothing new. */
export function withHealth(
  entry: RegisteredEntry,
  { healthy, message }: HealthReport,
  atMs: number,
): RegisteredEntry {
  const status = healthy ? 'True' : 'False'
  const known = entry.status?.conditions.find(({ type }) => type === 'Healthy')
  if (known?.status === status) return entry
  const text = healthy ? '' : beginningOf(message, maxMessageLength)
  return {
    ...withAnnotations(entry, {
      ...entry.metadata.annotations,
      [registration.healthChecked]: 'true',
    }),
    status: {
      conditions: [
        {
          type: 'Healthy',
          status,
          lastTransitionTime: formatTime(atMs),
          ...(text === '' ? {} : { message: text }),
        },
      ],
    },
  }
}

function withAnnotations(
  entry: RegisteredEntry,
  annotations: Readonly<Record<string, string>>,
): RegisteredEntry {
  return { ...entry, metadata: { ...entry.metadata, annotations: { ...annotations } } }
}

function formatTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** Keys may have any name, `__proto__` too. */
function fromMap(map: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(map)
}
