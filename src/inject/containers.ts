import type { PlainMap } from '../documents/plain-map.ts'
import { agentEnvironment, type Injection, metadataVariables } from './agent-environment.ts'
import type { InjectionMesh } from './injection-mesh.ts'
import { annotationsOf, compact, type Named } from './pod-parts.ts'
import { resourcesOf } from './resource-wishes.ts'
import type { TrafficWishes } from './traffic-wishes.ts'
import { agentMounts } from './volumes.ts'

export const agentName = 'istio-proxy'
export const captureName = 'istio-init'

/** The user and group of the agent, which the rules leave alone. */
export const agentId = 1_337
const readinessPort = 15_021

/** What a container must not do, whatever it is for. */
const confined = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
}

/** The agent: its image is one whose entry point is this program. */
export function agentContainer(injection: Injection, resources: PlainMap): Named {
  const { pod, mesh, native, effective } = injection
  const { proxy, imagePullPolicy } = mesh.values.global ?? {}
  const image = annotationsOf(pod).get('sidecar.istio.io/proxyImage')
  const hold = !native && effective.config.holdApplicationUntilProxyStarts
  return {
    name: agentName,
    ...compact({
      image: image || imageOf(mesh, proxy?.image),
      imagePullPolicy: imagePullPolicy || undefined,
      args: ['agent'],
      restartPolicy: native ? 'Always' : undefined,
      env: agentEnvironment(injection),
      ports: [
        {
          name: 'http-meshdns',
          containerPort: effective.config.statusPort || 15_020,
          protocol: 'TCP',
        },
      ],
      // Whoever comes after it in the list waits for this command.
      lifecycle: hold ? { postStart: { exec: { command: ['meshdns', 'wait'] } } } : undefined,
      startupProbe:
        native || proxy?.startupProbe?.enabled !== false ? startupProbe(mesh) : undefined,
      readinessProbe: readinessProbe(mesh),
      resources,
      securityContext: {
        ...confined,
        capabilities: { drop: ['ALL'] },
        runAsGroup: agentId,
        runAsNonRoot: true,
        runAsUser: agentId,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      volumeMounts: agentMounts,
    }),
  }
}

/** Sets the rules and ends; the only one that may change the network of the pod. */
export function captureContainer(injection: Injection, wishes: TrafficWishes): Named {
  const { mesh } = injection
  const { proxy, proxy_init: init, imagePullPolicy, nativeNftables } = mesh.values.global ?? {}
  const capabilities = nativeNftables ? ['NET_ADMIN'] : ['NET_ADMIN', 'NET_RAW']
  return {
    name: captureName,
    ...compact({
      image:
        annotationsOf(injection.pod).get('sidecar.istio.io/proxyImage') ||
        imageOf(mesh, init?.image || proxy?.image),
      imagePullPolicy: imagePullPolicy || undefined,
      args: captureArguments(wishes, nativeNftables === true),
      env: [
        // iptables keeps its lock where the root file system is read-only; nobody else is here to wait for it.
        { name: 'XTABLES_LOCKFILE', value: '/dev/shm/xtables.lock' },
        ...[...metadataVariables(injection)].map(([name, value]) => ({ name, value })),
      ],
      resources: resourcesOf(init?.resources ?? proxy?.resources),
      securityContext: {
        ...confined,
        capabilities: { add: capabilities, drop: ['ALL'] },
        runAsGroup: 0,
        runAsNonRoot: false,
        runAsUser: 0,
        seccompProfile: { type: 'RuntimeDefault' },
      },
    }),
  }
}

/** In the words of Istio's own command for it. */
function captureArguments(wishes: TrafficWishes, onlyNftables: boolean): readonly string[] {
  const words: readonly (readonly [string, string])[] = [
    ['-u', String(agentId)],
    ['-g', String(agentId)],
    ['-i', wishes.includedRanges],
    ['-x', wishes.excludedRanges],
    ['-q', wishes.includedPorts],
    ['-o', wishes.excludedPorts],
    ['-c', wishes.excludedInterfaces],
  ]
  return [
    'capture',
    'apply',
    ...words.filter(([word, value]) => word === '-i' || value !== '').flat(),
    ...(onlyNftables ? ['--native-nftables'] : []),
  ]
}

function imageOf({ values, version }: InjectionMesh, image: string | null | undefined): string {
  const name = image || 'meshdns'
  if (name.includes('/')) return name
  const { hub, tag } = values.global ?? {}
  return `${hub || 'meshdns'}/${name}:${tag || version}`
}

const probe = { httpGet: { path: '/healthz/ready', port: readinessPort }, timeoutSeconds: 3 }

function startupProbe({ values }: InjectionMesh): PlainMap {
  const { failureThreshold } = values.global?.proxy?.startupProbe ?? {}
  return { ...probe, periodSeconds: 1, failureThreshold: failureThreshold || 600 }
}

function readinessProbe({ values }: InjectionMesh): PlainMap {
  const { proxy } = values.global ?? {}
  return {
    ...probe,
    ...(proxy?.readinessInitialDelaySeconds
      ? { initialDelaySeconds: proxy.readinessInitialDelaySeconds }
      : {}),
    periodSeconds: proxy?.readinessPeriodSeconds || 15,
    failureThreshold: proxy?.readinessFailureThreshold || 4,
  }
}
