/** An amount of a resource (Kubernetes: resource.Quantity). */
export const quantityPattern = /^\+?(\d+(\.\d*)?|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,3})?$/
