import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What `workload entry configure` writes, with nothing in it that counts anywhere. */
export const bundleFiles = {
  'cluster.env': "ISTIO_META_DNS_CAPTURE='true'\nPOD_NAMESPACE='vms'\n",
  'mesh.yaml': 'defaultConfig:\n  discoveryAddress: istiod.istio-system.svc:15012\n',
  'root-cert.pem': '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n',
  'istio-token': 'not.a.token',
  hosts: '192.0.2.10 istiod.istio-system.svc\n',
}

/** Writes them, some of them changed; `undefined` leaves one out. */
export function writeBundle(
  folder: string,
  changes: Partial<Record<keyof typeof bundleFiles, string | undefined>> = {},
): string {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries({ ...bundleFiles, ...changes })) {
    if (text !== undefined) writeFileSync(join(folder, name), text)
  }
  return folder
}
