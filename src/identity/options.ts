import { z } from 'zod'

const trustDomain = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,254}$/, 'must be lower-case letters, digits, `.`, `_` and `-`')

/** How the controller says who is who. */
export const IdentityOptions = z.strictObject({
  trustDomain: trustDomain
    .default('cluster.local')
    .describe('Trust domain: what stands behind `spiffe://` in every identity of this mesh.'),
  trustDomainAliases: z
    .array(trustDomain)
    .default([])
    .describe('Trust domains whose certificates count as those of our own, for a change of name.'),
  caFolder: z
    .string()
    .default('')
    .describe(
      "Folder with the CA's files, by Istio's names (`ca-cert.pem`, `ca-key.pem`, `root-cert.pem`, `cert-chain.pem`); empty for `ca` in the state folder. Without files there, a root is made.",
    ),
  caPollMs: z
    .int()
    .min(100)
    .max(3_600_000)
    .default(10_000)
    .describe("How often the CA's files are looked at for a change, in milliseconds."),
  certificateSeconds: z
    .int()
    .min(60)
    .max(7_776_000)
    .default(86_400)
    .describe('Lifetime of a certificate for which no other was asked, in seconds.'),
  maxCertificateSeconds: z
    .int()
    .min(60)
    .max(7_776_000)
    .default(604_800)
    .describe('Longest lifetime of a certificate, whatever was asked, in seconds.'),
  certificatesPerMinute: z
    .int()
    .min(1)
    .max(100_000)
    .default(30)
    .describe('Certificates that one identity gets at one address in a minute.'),
  serverNames: z
    .array(z.string().regex(/^[\w.:-]{1,253}$/, 'must be a DNS name or an IP address'))
    .default([])
    .describe(
      "DNS names and IP addresses of the controller's own certificate, besides `istiod.NAMESPACE.svc` and `istiod-REVISION.NAMESPACE.svc` of the IstioOperator.",
    ),
  revisions: z
    .array(z.string().regex(/^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$/, 'must be a DNS label'))
    .default([])
    .describe(
      'Revisions that machines know the controller by, besides that of the IstioOperator: its own certificate has also `istiod-REVISION.NAMESPACE.svc`.',
    ),
  tokenIssuer: z
    .string()
    .min(1)
    .default('https://istiod.istio-system.svc')
    .describe('Who issues tokens (`iss`); only tokens of this issuer are accepted.'),
  tokenAudience: z
    .string()
    .min(1)
    .default('istio-ca')
    .describe('For whom tokens are (`aud`); others are refused.'),
  tokenSkewSeconds: z
    .int()
    .min(0)
    .max(300)
    .default(30)
    .describe("How far a token's times may be off our clock, in seconds."),
  tokenBinding: z
    .enum(['key', 'none'])
    .default('key')
    .describe(
      'Whether a token belongs to the first key that it got a certificate for (`key`): another key, or a stream without the certificate, is then refused.',
    ),
})
export type IdentityOptions = z.infer<typeof IdentityOptions>

/** How a machine shows a controller who it is. */
export const MachineIdentityOptions = z.strictObject({
  caAddress: z
    .string()
    .default('')
    .describe(
      'Where certificates come from, HOST:PORT (Istio: CA_ADDR); empty for the controller itself.',
    ),
  tokenFile: z
    .string()
    .default('/var/run/secrets/tokens/istio-token')
    .describe('File with the token of the machine; it is read anew each time it is needed.'),
  rootsFile: z
    .string()
    .default('/etc/certs/root-cert.pem')
    .describe(
      'File with the roots that the controller is believed by, PEM. Later roots come from the controller; a change of the file beats them.',
    ),
  provisionedFolder: z
    .string()
    .default('')
    .describe(
      'Folder with a certificate to begin with (`key.pem`, `cert-chain.pem`; Istio: PROV_CERT); empty for none.',
    ),
  outputFolder: z
    .string()
    .default('')
    .describe(
      'Folder that the certificate is written to for other programs (`key.pem`, `cert-chain.pem`, `root-cert.pem`; Istio: OUTPUT_CERTS); empty for none.',
    ),
  certificateSeconds: z
    .int()
    .min(60)
    .max(7_776_000)
    .default(86_400)
    .describe('Lifetime of a certificate to ask for, in seconds; the controller may give less.'),
})
export type MachineIdentityOptions = z.infer<typeof MachineIdentityOptions>
