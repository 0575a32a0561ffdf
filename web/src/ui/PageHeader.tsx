import { IconChevronRight } from '@tabler/icons-react';
import { Fragment, useEffect } from 'react';
import classes from './PageHeader.module.css';

interface Props {
  title: string;
  /** For the browser's tab, when it should differ from the heading. */
  documentTitle?: string;
  /** Links (router `Link`s) and the last, plain part. */
  crumbs?: readonly React.ReactNode[];
  /** Before the heading, such as a pennant. */
  before?: React.ReactNode;
  /** After the heading, such as a state or a count. */
  after?: React.ReactNode;
  actions?: React.ReactNode;
  /** A line of facts; give each its own `span`. */
  meta?: React.ReactNode;
  tabs?: React.ReactNode;
}

/** The head of every screen: where you are, its name, what you can do. */
export function PageHeader({ title, documentTitle, crumbs, before, after, actions, meta, tabs }: Props) {
  useEffect(() => {
    document.title = `${documentTitle ?? title} - Bridgewatch`;
  }, [title, documentTitle]);
  const heading = (
    <div className={`${classes.title}${crumbs ? ` ${classes.second}` : ''}`}>
      {before}
      <h1>{title}</h1>
      {after}
    </div>
  );
  return (
    <div className={`${classes.head}${tabs ? ` ${classes.tabbed}` : ''}`}>
      <div className={classes.top}>
        {crumbs ? (
          <nav className={classes.crumbs} aria-label="Breadcrumb">
            {crumbs.map((crumb, index) => (
              <Fragment key={index}>
                {index > 0 && <IconChevronRight size={13} aria-hidden="true" />}
                {crumb}
              </Fragment>
            ))}
          </nav>
        ) : (
          heading
        )}
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      {crumbs && heading}
      {meta && <div className={classes.meta}>{meta}</div>}
      {tabs && <div className={`page-tabs ${classes.tabs}`}>{tabs}</div>}
    </div>
  );
}
