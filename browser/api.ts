/** The API of the service, asked as the business does. */
export interface Api {
  /** Rejects where the reply is a problem. @param path below `/v1` */
  post<Body>(path: string, body: object): Promise<Body>
  get<Body>(path: string): Promise<Body>
}

export function apiOf(service: string, key: string): Api {
  return {
    post: (path, body) => ask('POST', path, JSON.stringify(body)),
    get: (path) => ask('GET', path),
  }

  async function ask<Body>(method: string, path: string, body?: string): Promise<Body> {
    const reply = await fetch(`${service}/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body }),
    })
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`)
    return (await reply.json()) as Body
  }
}
