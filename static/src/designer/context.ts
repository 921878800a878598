import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Designer } from "./state";

const Current = createContext<Designer | null>(null);

export const DesignerProvider = Current.Provider;

export function useDesigner(): Designer {
  const designer = useContext(Current);
  if (!designer) throw new Error("no builder around this component");
  return designer;
}
