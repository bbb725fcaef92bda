import type { V1Pod } from '@kubernetes/client-node'

/** @throws when a pod asks for what this kubelet does not do. */
export function refuseUnsupported({ spec }: V1Pod): void {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  const asked = [
    ...(spec?.hostIPC ? ['hostIPC'] : []),
    ...(spec?.shareProcessNamespace ? ['shareProcessNamespace'] : []),
    ...(spec?.hostUsers === false ? ['hostUsers: false'] : []),
    ...containers.flatMap(({ name, lifecycle, volumeDevices, volumeMounts = [] }) => [
      ...(volumeDevices ? [`${name}: volumeDevices`] : []),
      ...(lifecycle?.postStart?.httpGet ? [`${name}: postStart.httpGet`] : []),
      ...(lifecycle?.preStop?.httpGet ? [`${name}: preStop.httpGet`] : []),
      ...volumeMounts.filter(({ subPathExpr }) => subPathExpr).map(() => `${name}: subPathExpr`),
    ]),
  ]
  if (asked.length > 0) throw new Error(`not supported by this kubelet: ${asked.join(', ')}`)
}
