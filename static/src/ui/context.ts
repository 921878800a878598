import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Session } from "../core/session";

const Current = createContext<Session | null>(null);

export const SessionProvider = Current.Provider;

/** The page's session. */
export function useSession(): Session {
  const session = useContext(Current);
  if (!session) throw new Error("no session around this component");
  return session;
}
