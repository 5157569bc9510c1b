import { Button } from "antd";
import { useLanguage } from "@/ui/words";
import { useFrame } from "./words";

export function LanguageSwitch() {
  const say = useFrame();
  const [language, speak] = useLanguage();
  return (
    <Button
      type="text"
      aria-label={say("language_of")}
      onClick={() => speak(language === "zh" ? "en" : "zh")}
    >
      <span lang={language === "zh" ? "en" : "zh-CN"}>{say("language")}</span>
    </Button>
  );
}
