import { words } from "@/ui/words";

export const useHome = words("home", { title: ["概览", "Home"] });
