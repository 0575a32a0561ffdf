import classes from './SidePanel.module.css';

/** The quiet column of facts beside a record; stands inside `.split` and moves below on small screens. */
export function SidePanel({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <aside className={classes.side} aria-label={label}>
      {children}
    </aside>
  );
}

/** One block of a side panel. `end` is a link or number at the right of its heading. */
export function SideSection({
  title,
  end,
  children,
}: {
  title: string;
  end?: React.ReactNode;
  children: React.ReactNode;
}) {
  return (
    <section className="sec">
      <h2>
        {title}
        {end && <span className="end">{end}</span>}
      </h2>
      {children}
    </section>
  );
}
