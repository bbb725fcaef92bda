import { z } from 'zod'

/** A node agent: one for all pods of a node, instead of one beside each. */
export const NodeOptions = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('Whether the pods of this node are served, instead of this machine itself.')
    .meta({ flag: 'node' }),
  name: z
    .string()
    .default('')
    .describe(
      'The node that we run on, as the cluster calls it; with `node.enabled` NODE_NAME of the environment when it is empty.',
    ),
  networks: z
    .string()
    .min(1)
    .default('/proc')
    .describe(
      'Where network namespaces of pods are found: `/proc`, by the processes of the node; or else a folder that has a folder NAMESPACE_NAME for each pod, with `net` and `resolv.conf` in it.',
    ),
  onStop: z
    .enum(['release', 'keep'])
    .default('release')
    .describe(
      'What becomes of the capture rules when the agent is stopped: pods are let go first (`release`), or they wait for the next agent, which must come at once (`keep`).',
    ),
  socketStore: z
    .string()
    .default('')
    .describe(
      'Folder in which a `meshdns socket-store` listens: it holds the sockets of pods while the agent is away, so that questions wait for the next one. Empty for none: they are refused meanwhile.',
    ),
  cachedAnswers: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(2_048)
    .describe('Answers kept ready-made for each pod, instead of `resolver.cachedAnswers`.'),
  kubeconfig: z
    .string()
    .default('')
    .describe('File that says how the cluster is reached; empty for the cluster that we run in.'),
  context: z
    .string()
    .default('')
    .describe('Which cluster of the kubeconfig is meant; empty for its current one.'),
})
export type NodeOptions = z.infer<typeof NodeOptions>
