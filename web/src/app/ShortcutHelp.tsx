import { Modal } from '@mantine/core';
import { useRegisteredShortcuts } from '../lib/shortcuts.ts';

/** `?`: what is registered right now, by group. */
export function ShortcutHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const shortcuts = useRegisteredShortcuts();
  const groups = new Map<string, Map<string, string>>([['Everywhere', new Map([['Ctrl K', 'Jump or run a command']])]]);
  for (const { keys, label, group } of shortcuts) {
    const into = groups.get(group) ?? new Map<string, string>();
    into.set(keys, label);
    groups.set(group, into);
  }
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size="lg">
      <div className="columns-2">
        {[...groups].map(([group, entries]) => (
          <section key={group}>
            <h3>{group}</h3>
            <ul className="lines">
              {[...entries].map(([keys, label]) => (
                <li key={keys}>
                  <span className="t2">{label}</span>
                  <span className="end">
                    {keys.split(' ').map((key) => (
                      <kbd key={key} style={{ marginLeft: 4 }}>
                        {key}
                      </kbd>
                    ))}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <p className="t3 xs" style={{ marginTop: 12 }}>
        Single keys can be turned off in your profile. Ctrl K always works.
      </p>
    </Modal>
  );
}
