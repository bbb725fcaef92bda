import type { HealthSpec } from '../base/health.ts'

export const caExpiring: HealthSpec = {
  code: 'IDENTITY_CA_EXPIRING',
  severity: 'degraded',
  title: 'the certificate of the CA ends within 30 days',
  hint: 'Rotate the root (`meshdns ca root add`), or renew the files in the folder of `identity.caFolder`, or Secret `cacerts` of the cluster; no certificate outlives that of the CA.',
}

export const caFilesRefused: HealthSpec = {
  code: 'IDENTITY_CA_REFUSED',
  severity: 'degraded',
  title: 'the changed files of the CA cannot be used',
  hint: 'Mend them where the detail says; until then the CA works with what was there before.',
}

export const serverCertificateStale: HealthSpec = {
  code: 'IDENTITY_SERVER_CERTIFICATE_STALE',
  severity: 'degraded',
  title: "the controller's own certificate cannot be renewed",
  hint: 'See the detail for the reason; agents are refused when it has expired.',
}

export const certificateStale: HealthSpec = {
  code: 'IDENTITY_CERTIFICATE_STALE',
  severity: 'degraded',
  title: 'the certificate of this machine cannot be renewed',
  hint: 'Check that the controller can be reached, and see the detail for its reason; the certificate that is held goes on until it ends.',
}

export const certificateMissing: HealthSpec = {
  code: 'IDENTITY_CERTIFICATE_MISSING',
  severity: 'degraded',
  title: 'this machine has no certificate that counts',
  hint: 'Run `meshdns workload entry configure` for it again and put the new `istio-token` (and `root-cert.pem`) in place; it is read again by itself.',
}
