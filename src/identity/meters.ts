import type { MeterSpec } from '../base/meters.ts'

export const certificatesIssued: MeterSpec = {
  name: 'meshdns_certificates_issued_total',
  kind: 'counter',
  help: 'Certificates that the CA made, for workloads and for the controller itself.',
  label: 'subject',
}

export const certificatesRefused: MeterSpec = {
  name: 'meshdns_certificates_refused_total',
  kind: 'counter',
  help: 'Requests for a certificate that were refused.',
  label: 'reason',
}

export const authenticationsRefused: MeterSpec = {
  name: 'meshdns_authentications_refused_total',
  kind: 'counter',
  help: 'Peers that could not show who they are.',
  label: 'reason',
}

export const caExpiry: MeterSpec = {
  name: 'meshdns_ca_expires_in_seconds',
  kind: 'gauge',
  help: 'Time until the certificate of the CA, or one above it, ends.',
}

export const certificateExpiry: MeterSpec = {
  name: 'meshdns_certificate_expires_in_seconds',
  kind: 'gauge',
  help: 'Time until the own certificate of this process ends; negative when it has ended.',
}

export const certificateRenewals: MeterSpec = {
  name: 'meshdns_certificate_renewals_total',
  kind: 'counter',
  help: 'Times that this machine asked for a certificate.',
  label: 'outcome',
}
