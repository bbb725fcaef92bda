/** Has a controller's webhook at a port of loopback called for pods of namespaces that ask for an agent. */
export const injectionWebhook = (namespace: string, port: number) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: `meshdns-sidecar-injector-${namespace}` },
  webhooks: [
    {
      name: 'namespace.sidecar-injector.meshdns.io',
      clientConfig: { url: `https://127.0.0.1:${port}/inject` },
      namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
      rules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
      ],
      failurePolicy: 'Fail',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    },
  ],
})
