/** The mesh that most tests of a whole agent use; the agent's namespace is `ns1`. */
export const fixtureMesh = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: auto, namespace: ns1 }
spec:
  hosts: [auto.mesh.test]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: 198.51.100.11 }, { address: 198.51.100.12 }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: plain, namespace: ns1 }
spec:
  hosts: [plain.mesh.test]
  addresses: [10.9.0.1]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: 198.51.100.13 }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: wild, namespace: ns1 }
spec:
  hosts: ['*.wild.test']
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: 198.51.100.14 }]
---
apiVersion: v1
kind: Service
metadata: { name: hl, namespace: ns1 }
spec:
  clusterIP: None
  ports: [{ port: 5432, name: pg }]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: hl-1, namespace: ns1, labels: { kubernetes.io/service-name: hl } }
addressType: IPv4
ports: [{ name: pg, port: 5432 }]
endpoints:
- { addresses: [10.8.0.1], hostname: db-0 }
- { addresses: [10.8.0.2], hostname: db-1 }
- { addresses: [10.8.0.3], hostname: db-2 }
---
apiVersion: v1
kind: Service
metadata: { name: kubernetes, namespace: default }
spec:
  clusterIP: 10.96.0.1
  ports: [{ port: 443, name: https }]
---
apiVersion: v1
kind: Service
metadata: { name: inside, namespace: ns1 }
spec: { type: ExternalName, externalName: plain.mesh.test }
---
apiVersion: v1
kind: Service
metadata: { name: away, namespace: ns1 }
spec: { type: ExternalName, externalName: v4only.up.test }
---
apiVersion: v1
kind: Service
metadata: { name: circle, namespace: ns1 }
spec: { type: ExternalName, externalName: circle.ns1.svc.cluster.local }
`
