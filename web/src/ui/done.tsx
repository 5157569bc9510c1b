import { App, Button } from "antd";
import { words } from "./words";

const useWords = words("done", { undo: ["撤销", "Undo"] });

/** Says that it is done, and takes it back while that is in sight. */
export function useDone(): (what: string, undo?: () => void) => void {
  const { notification } = App.useApp();
  const say = useWords();
  return (what, undo) => {
    const key = what;
    notification.success({
      key,
      title: what,
      duration: 10,
      placement: "bottomRight",
      actions: undo && (
        <Button
          size="small"
          onClick={() => {
            notification.destroy(key);
            undo();
          }}
        >
          {say("undo")}
        </Button>
      ),
    });
  };
}
