import { create, type JsonObject, type JsonValue } from '@bufbuild/protobuf'
import type { Environment } from '../../config/agent-settings.ts'
import { probeMessage, type ReadinessProbe } from '../../config/readiness-probe.ts'
import type { IpAddress } from '../../ip/address.ts'
import { type Node, NodeSchema } from '../../rpc/gen/envoy/config/core/v3/base_pb.js'

/** What an agent says of itself where its environment says nothing. */
export interface NodeDefaults {
  /** `ztunnel` stands for all pods of a node; `sidecar` when not said. */
  readonly type?: 'sidecar' | 'ztunnel'
  /** Of the machine: its short host name. */
  readonly name: string
  readonly namespace: string
  /** Of meshdns. */
  readonly version?: string
  /** By which others reach it, the best one first. */
  readonly addresses: readonly IpAddress[]
  readonly dnsCapture: boolean
  /** Of the cluster, that we run on; empty when it is none. */
  readonly node?: string
  /** How the application's health is asked for, if it is: such a machine counts as unhealthy until we say otherwise. */
  readonly probe?: ReadinessProbe
}

const metaPrefix = 'ISTIO_META_'
const jsonPrefix = 'ISTIO_METAJSON_'

/**
 * Who we are to a controller, as a sidecar would say it (Istio: node metadata).
 *
 * `ISTIO_META_X` becomes X, always text, also for what is a boolean; the JSON of `ISTIO_METAJSON_X` is
 * merged into X, and passed over when it is none.
 */
export function nodeOf(defaults: NodeDefaults, env: Environment): Node {
  const name = env['POD_NAME'] || defaults.name
  const namespace = env['POD_NAMESPACE'] || defaults.namespace
  const addresses = addressesOf(defaults, env)
  const metadata: JsonObject = {
    NAMESPACE: namespace,
    INSTANCE_IPS: addresses.join(),
    WORKLOAD_NAME: name,
    ...(defaults.version === undefined ? {} : { MESHDNS_VERSION: defaults.version }),
    ...(defaults.probe ? { PROXY_CONFIG: { readinessProbe: probeMessage(defaults.probe) } } : {}),
    ...(defaults.node ? { NODE_NAME: defaults.node } : {}),
    ...(defaults.dnsCapture ? { DNS_CAPTURE: 'true' } : {}),
    ...(env['SERVICE_ACCOUNT'] ? { SERVICE_ACCOUNT: env['SERVICE_ACCOUNT'] } : {}),
  }
  for (const [key, value] of Object.entries(env)) {
    if (value === undefined) continue
    if (key.startsWith(metaPrefix)) metadata[key.slice(metaPrefix.length)] = value
    else if (key.startsWith(jsonPrefix)) merge(metadata, key.slice(jsonPrefix.length), value)
  }
  const { type = 'sidecar' } = defaults
  const id = `${type}~${addresses[0] ?? '127.0.0.1'}~${name}.${namespace}~${namespace}.svc.cluster.local`
  return create(NodeSchema, { id, cluster: `${name}.${namespace}`, metadata })
}

/** The one that the environment names is the one that others reach us by. */
function addressesOf({ addresses }: NodeDefaults, env: Environment): readonly string[] {
  const first = env['INSTANCE_IP']
  return first ? [...new Set([first, ...addresses])] : addresses
}

function merge(metadata: JsonObject, key: string, text: string): void {
  const value = tryParseJson(text)
  if (value === undefined) return
  const held = metadata[key]
  metadata[key] = isObject(held) && isObject(value) ? { ...held, ...value } : value
}

function tryParseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
