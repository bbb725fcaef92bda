import { z } from 'zod'

const texts = z.record(z.string(), z.string()).nullish()
const maps = z.array(z.looseObject({})).nullish()
const map = z.looseObject({}).nullish()
const count = z.int().min(0).nullish()
const policy = z.enum(['Always', 'IfNotPresent', 'Never']).nullish()
const name = z.string().min(1).nullish()

/** Of both places that say how a component runs. */
const running = {
  replicaCount: count,
  resources: map,
  nodeSelector: texts,
  tolerations: maps,
  affinity: map,
  topologySpreadConstraints: maps,
  podAnnotations: texts,
  podLabels: texts,
  serviceAnnotations: texts,
}

const variable = z.looseObject({ name: z.string().min(1), value: z.string().nullish() })

/** What an IstioOperator says of a component in a cluster. */
export const Components = z.looseObject({
  pilot: z
    .looseObject({
      enabled: z.boolean().nullish(),
      k8s: z
        .looseObject({
          ...running,
          priorityClassName: name,
          imagePullPolicy: policy,
          strategy: map,
          env: z.array(variable).nullish(),
          hpaSpec: z.looseObject({ minReplicas: count, maxReplicas: count }).nullish(),
        })
        .nullish(),
    })
    .nullish(),
  ztunnel: z
    .looseObject({
      enabled: z.boolean().nullish(),
      k8s: z.looseObject({ env: z.array(variable).nullish() }).nullish(),
    })
    .nullish(),
})

/** Fields of `values` that only a cluster has. */
export const ClusterValues = z.looseObject({
  global: z
    .looseObject({
      hub: name,
      tag: z.union([z.string(), z.number()]).nullish(),
      imagePullPolicy: policy,
      imagePullSecrets: z.array(z.string()).nullish(),
      priorityClassName: name,
      proxy: z.looseObject({ image: name }).nullish(),
    })
    .nullish(),
  pilot: z
    .looseObject({
      ...running,
      hub: name,
      tag: z.union([z.string(), z.number()]).nullish(),
      image: name,
      autoscaleEnabled: z.boolean().nullish(),
      autoscaleMin: count,
      autoscaleMax: count,
      cpu: z.looseObject({ targetAverageUtilization: count }).nullish(),
    })
    .nullish(),
  sidecarInjectorWebhook: z
    .looseObject({
      enableNamespacesByDefault: z.boolean().nullish(),
      injectedAnnotations: texts,
      reinvocationPolicy: z.enum(['Never', 'IfNeeded']).nullish(),
    })
    .nullish(),
})

const runningNames = Object.keys(running)

/** Fields of an IstioOperator's `spec` that have an effect in a cluster, besides those that have one everywhere. */
export const usedInCluster: readonly string[] = [
  'hub',
  'tag',
  'components.pilot.enabled',
  'components.ztunnel.enabled',
  'components.ztunnel.k8s.env',
  ...[
    ...runningNames,
    'priorityClassName',
    'imagePullPolicy',
    'strategy',
    'env',
    'hpaSpec.minReplicas',
    'hpaSpec.maxReplicas',
  ].map((field) => `components.pilot.k8s.${field}`),
  ...[
    ...runningNames,
    'hub',
    'tag',
    'image',
    'autoscaleEnabled',
    'autoscaleMin',
    'autoscaleMax',
    'cpu.targetAverageUtilization',
  ].map((field) => `values.pilot.${field}`),
  ...['hub', 'tag', 'imagePullPolicy', 'imagePullSecrets', 'priorityClassName'].map(
    (field) => `values.global.${field}`,
  ),
  // What is said of injected pods.
  ...[
    'image',
    'logLevel',
    'resources',
    'includeIPRanges',
    'excludeIPRanges',
    'includeOutboundPorts',
    'excludeOutboundPorts',
    'startupProbe',
    'readinessInitialDelaySeconds',
    'readinessPeriodSeconds',
    'readinessFailureThreshold',
  ].map((field) => `values.global.proxy.${field}`),
  'values.global.proxy_init.image',
  'values.global.proxy_init.resources',
  'values.global.caAddress',
  'values.global.nativeNftables',
  'values.sidecarInjectorWebhook.enableNamespacesByDefault',
  'values.sidecarInjectorWebhook.injectedAnnotations',
  'values.sidecarInjectorWebhook.reinvocationPolicy',
]
