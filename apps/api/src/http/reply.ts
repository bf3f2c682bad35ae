/** What controllers and filters use of fastify's reply. */
export interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): Reply;
}
