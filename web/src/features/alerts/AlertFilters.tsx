import { MultiSelect, SegmentedControl, Select } from '@mantine/core';
import type { Priority } from '../../api/types.ts';
import { serviceChoices, teamChoices } from '../../lib/choices.ts';
import { Filters } from '../../ui/Filters.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';

const PRIORITIES: Priority[] = ['P1', 'P2', 'P3', 'P4', 'P5'];
export type AlertView = 'open' | 'closed' | 'all';

export interface Chosen {
  acknowledged?: boolean | undefined;
  /** `P1,P2` */
  priority?: string | undefined;
  team?: string | undefined;
  service?: string | undefined;
}

interface Props extends Chosen {
  status: AlertView;
  onStatus: (status: AlertView) => void;
  set: (next: Chosen) => void;
}

/** What needs no query. */
export function AlertFilters({ status, onStatus, acknowledged, priority, team, service, set }: Props) {
  return (
    <Filters
      active={[acknowledged, priority, team, service].filter((value) => value !== undefined).length}
      first={
        <SegmentedControl
          aria-label="Status"
          value={status}
          onChange={(value) => onStatus(value as AlertView)}
          data={[
            { value: 'open', label: 'Open' },
            { value: 'closed', label: 'Closed' },
            { value: 'all', label: 'All' },
          ]}
        />
      }
    >
      <Select
        aria-label="Acknowledged"
        placeholder="Acknowledged or not"
        data={[
          { value: 'false', label: 'Nobody acknowledged' },
          { value: 'true', label: 'Acknowledged' },
        ]}
        value={acknowledged === undefined ? null : String(acknowledged)}
        onChange={(value) => set({ acknowledged: value === null ? undefined : value === 'true' })}
        clearable
        w={180}
      />
      <MultiSelect
        aria-label="Priority"
        placeholder={priority ? undefined : 'Priority'}
        data={PRIORITIES}
        value={priority?.split(',') ?? []}
        onChange={(value) => set({ priority: value.toSorted().join(',') || undefined })}
        clearable
        w={150}
      />
      <RecordSelect
        aria-label="Team"
        placeholder="Team"
        source={teamChoices}
        value={team}
        onChange={(id) => set({ team: id ?? undefined })}
        w={150}
      />
      <RecordSelect
        aria-label="Service"
        placeholder="Service"
        source={serviceChoices}
        value={service}
        onChange={(id) => set({ service: id ?? undefined })}
        w={160}
      />
    </Filters>
  );
}
