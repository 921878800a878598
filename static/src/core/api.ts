/* Requests to the server. Every answer becomes one of a few outcomes; nothing here throws for a status. */

export interface FieldError {
  field?: string;
  line?: number;
  position?: number;
  message: string;
}

export type Outcome<T> =
  | { kind: "ok"; status: number; body: T }
  | {
      kind: "refused";
      status: number;
      code: string;
      detail: string;
      errors: FieldError[];
      body: unknown;
    }
  | { kind: "signin" }
  | { kind: "unreachable"; retryAfter: number | null };

export interface Options {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  keepalive?: boolean;
  signal?: AbortSignal;
}

let bootToken = "";

/** The token that came with the page; the cookie's wins, since signing in again changes it. */
export function setToken(token: string): void {
  bootToken = token;
}

export function csrfToken(): string {
  const cookie = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  return cookie ? decodeURIComponent(cookie) : bootToken;
}

/** Post a form of the site's own pages; what it answers is not looked at. */
export async function postForm(url: string, fields: Record<string, string>): Promise<void> {
  try {
    await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      redirect: "manual",
      headers: { "X-CSRFToken": csrfToken() },
      body: new URLSearchParams(fields),
    });
  } catch {
    // A preference that was not kept is chosen again.
  }
}

/** Ask the API. Network failures, 429 and 5xx are `unreachable`: the same request may be sent again later. */
export async function request<T>(url: string, options: Options = {}): Promise<Outcome<T>> {
  let response: Response;
  try {
    const init: RequestInit = {
      method: options.method ?? "GET",
      credentials: "same-origin",
      redirect: "manual",
      keepalive: options.keepalive ?? false,
      headers: {
        Accept: "application/json",
        ...(options.body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(options.method && options.method !== "GET" ? { "X-CSRFToken": csrfToken() } : {}),
        ...options.headers,
      },
    };
    if (options.body !== undefined) init.body = JSON.stringify(options.body);
    if (options.signal) init.signal = options.signal;
    response = await fetch(url, init);
  } catch {
    return { kind: "unreachable", retryAfter: null };
  }
  if (response.status === 401) return { kind: "signin" };
  if (response.status === 429 || response.status >= 500 || response.type === "opaqueredirect") {
    const after = Number(response.headers.get("Retry-After"));
    return { kind: "unreachable", retryAfter: after > 0 ? after * 1000 : null };
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return { kind: "ok", status: response.status, body: body as T };
  const error = (body ?? {}) as { code?: string; detail?: string; errors?: FieldError[] };
  return {
    kind: "refused",
    status: response.status,
    code: typeof error.code === "string" ? error.code : "error",
    detail: error.detail ?? String(response.status),
    errors: error.errors ?? [],
    body,
  };
}
