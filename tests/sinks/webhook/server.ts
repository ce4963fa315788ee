/** A request as a server saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A real HTTP server. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly seen: Seen[];
}

/** Starts a server that answers as it is told; over TLS with a certificate. */
export function startServer(
  answer: (seen: Seen, count: number) => Response | Promise<Response>,
  tls?: { readonly cert: string; readonly key: string },
): Server {
  const seen: Seen[] = [];
  const aborter = new AbortController();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: aborter.signal,
    onListen: () => {},
    ...tls,
  }, async (request) => {
    const one = {
      method: request.method,
      path: new URL(request.url).pathname,
      headers: request.headers,
      body: await request.text(),
    };
    seen.push(one);
    return await answer(one, seen.length);
  });
  const { port } = server.addr;
  return {
    url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    port,
    seen,
    async [Symbol.asyncDispose]() {
      aborter.abort();
      await server.finished;
    },
  };
}

/** Starts a server that does to its connections whatever it wants. */
export function startRawServer(
  serve: (connection: Deno.TcpConn) => Promise<void>,
): { readonly url: string } & AsyncDisposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  const serving = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      serve(connection).catch(() => {});
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          // It was closed already.
        }
      }
      await serving;
    },
  };
}
