const istio = 'networking.istio.io/v1'

export const namespace = (name: string, labels = {}) => {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
}

export function entry(name: string, spec: object = {}, where = 'shop') {
  return {
    apiVersion: istio,
    kind: 'ServiceEntry',
    metadata: { name, namespace: where },
    spec: {
      hosts: [`${name}.internal`],
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
      resolution: 'STATIC',
      endpoints: [{ address: '198.51.100.2' }],
      ...spec,
    },
  }
}

export const group = {
  apiVersion: istio,
  kind: 'WorkloadGroup',
  metadata: { name: 'vms', namespace: 'shop' },
  spec: { template: { serviceAccount: 'default' }, probe: { httpGet: { port: 80 } } },
}

export const unallocated = { 'networking.istio.io/enable-autoallocate-ip': 'false' }

/** Has the API server take no status of one entry. */
export const refusal = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'refuses-addresses' },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ['networking.istio.io'],
              apiVersions: ['*'],
              operations: ['UPDATE'],
              resources: ['serviceentries/status'],
            },
          ],
        },
        validations: [
          { expression: 'object.metadata.name != "refused"', message: 'no addresses for it' },
        ],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'refuses-addresses' },
      spec: { policyName: 'refuses-addresses', validationActions: ['Deny'] },
    },
  ],
})

/** One that nobody runs. */
export const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: { containers: [{ name: 'app', image: 'app' }] },
})

/** Has an account of the controller's namespace see the Pods of another one. */
export function readsPodsOf(where: string, account: string): readonly object[] {
  const apiGroup = 'rbac.authorization.k8s.io'
  const apiVersion = `${apiGroup}/v1`
  const metadata = { name: 'reads-pods', namespace: where }
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }]
  const roleRef = { apiGroup, kind: 'Role', name: 'reads-pods' }
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace: 'istio-system' }]
  return [
    { apiVersion, kind: 'Role', metadata, rules },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects },
  ]
}
