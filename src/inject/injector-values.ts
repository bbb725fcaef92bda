import { z } from 'zod'
import { readDocuments } from '../documents/documents.ts'
import type { Finding } from '../documents/finding.ts'
import { Report } from '../documents/report.ts'
import { checkShape } from '../documents/shape.ts'
import { quantityPattern } from './quantity.ts'

const text = z.string().nullish()
const count = z.int().min(0).max(86_400).nullish()
const quantity = z.union([z.string().regex(quantityPattern, 'is no quantity'), z.number()])
const amounts = z.looseObject({ cpu: quantity.nullish(), memory: quantity.nullish() }).nullish()
const resources = z.looseObject({ requests: amounts, limits: amounts }).nullish()
/** Ports and ranges: lists as text, with commas. */
const list = z.union([z.string(), z.number()]).nullish()

const Values = z.looseObject({
  global: z
    .looseObject({
      hub: text,
      tag: z.union([z.string(), z.number()]).nullish(),
      imagePullPolicy: text,
      imagePullSecrets: z.array(z.string()).nullish(),
      istioNamespace: text,
      meshID: text,
      network: text,
      caAddress: text,
      nativeNftables: z.boolean().nullish(),
      multiCluster: z.looseObject({ clusterName: text }).nullish(),
      proxy: z
        .looseObject({
          image: text,
          clusterDomain: text,
          logLevel: text,
          resources,
          includeIPRanges: list,
          excludeIPRanges: list,
          includeOutboundPorts: list,
          excludeOutboundPorts: list,
          startupProbe: z
            .looseObject({ enabled: z.boolean().nullish(), failureThreshold: count })
            .nullish(),
          readinessInitialDelaySeconds: count,
          readinessPeriodSeconds: count,
          readinessFailureThreshold: count,
        })
        .nullish(),
      proxy_init: z.looseObject({ image: text, resources }).nullish(),
    })
    .nullish(),
  pilot: z
    .looseObject({
      env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
    })
    .nullish(),
  revision: text,
  sidecarInjectorWebhook: z
    .looseObject({
      enableNamespacesByDefault: z.boolean().nullish(),
      injectedAnnotations: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
})

/** What an installation says about injected containers (Istio: `values`); everything may be missing. Immutable. */
export type InjectorValues = z.output<typeof Values>

export interface InjectorValuesRead {
  /** Missing when there was an error. */
  readonly values?: InjectorValues
  readonly findings: readonly Finding[]
}

/**
 * Reads `values` of an installation, JSON or YAML, as the ConfigMap `istio-sidecar-injector` has them.
 *
 * An empty text says nothing. What is not about injection may be there. Never throws.
 */
export function readInjectorValues(text: string, file: string): InjectorValuesRead {
  const { documents, findings } = readDocuments(text, file)
  const faults = findings.filter(({ severity }) => severity === 'error')
  if (faults.length > 0) return { findings: faults }
  const [first] = documents
  if (!first) return { values: {}, findings: [] }
  const report = new Report(first)
  const values = checkShape(Values, first.value, { report, path: [] })
  return values ? { values, findings: report.findings } : { findings: report.findings }
}
