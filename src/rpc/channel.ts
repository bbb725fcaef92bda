import { Channel, ChannelCredentials, type ChannelOptions, credentials } from '@grpc/grpc-js'

/** What a client needs for TLS; all texts are PEM. */
export interface ClientTls {
  /** Whom to believe. */
  readonly roots: string
  /** Who we are, once we have a certificate. */
  readonly own?: { readonly chain: string; readonly key: string }
  /** The name that the server's certificate must have, whatever address it was reached by. */
  readonly serverName: string
}

/** Where a server is: an address, already looked up. */
export interface ServerAddress {
  readonly address: string
  readonly port: number
}

const keepalive: ChannelOptions = {
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.enable_retries': 0,
  // Else a new channel inherits the failures of an earlier one, and waits as that one would.
  'grpc.use_local_subchannel_pool': 1,
  // A whole table may come in one message from a server that is not ours.
  'grpc.max_receive_message_length': 256 * 1024 * 1024,
}

/** A connection to a gRPC server, made when it is first used; plaintext without `tls`. The caller closes it. */
export function openChannel({ address, port }: ServerAddress, tls?: ClientTls): Channel {
  const target = address.includes(':') ? `ipv6:[${address}]:${port}` : `ipv4:${address}:${port}`
  if (!tls) return new Channel(target, credentials.createInsecure(), keepalive)
  return new Channel(target, channelCredentials(tls), {
    ...keepalive,
    'grpc.ssl_target_name_override': tls.serverName,
    'grpc.default_authority': tls.serverName,
  })
}

function channelCredentials({ roots, own }: ClientTls): ChannelCredentials {
  const key = own ? Buffer.from(own.key) : null
  return credentials.createSsl(Buffer.from(roots), key, own ? Buffer.from(own.chain) : null)
}
