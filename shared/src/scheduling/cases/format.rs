//! From JSON to cases.

use std::collections::BTreeMap;

use jiff::{
    Timestamp,
    civil::{Date, Weekday},
    tz::TimeZoneDatabase,
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    super::{Alignment, Block, Busy, Interval, Rules, ShowAs, Way, WeeklyHours},
    case::{Case, CaseHost, Mode},
    error::{CaseError, CaseProblem},
};

/// What a case says of itself.
#[derive(Deserialize)]
struct CaseFields {
    name: Option<String>,
    level: Option<String>,
    mode: Option<ModeField>,
    hosts: Option<Vec<Value>>,
    window_start: Timestamp,
    window_end: Timestamp,
    now: Timestamp,
    expected: Option<Vec<Timestamp>>,
    also_acceptable: Option<Vec<Vec<Timestamp>>>,
}

/// What a case says of its host, or a host of a case of itself. A host without
/// a field has that of the case.
#[derive(Clone, Deserialize)]
struct HostFields {
    host_timezone: Option<String>,
    working_hours: Option<Vec<DaysFields>>,
    date_overrides: Option<Vec<OverrideFields>>,
    busy: Option<Vec<BusyFields>>,
    slot_minutes: Option<u32>,
    interval_minutes: Option<u32>,
    buffer_before_minutes: Option<u32>,
    buffer_after_minutes: Option<u32>,
    min_notice_minutes: Option<u32>,
    max_advance_days: Option<u32>,
    max_per_day: Option<u32>,
    max_per_week: Option<u32>,
    alignment: Option<AlignmentField>,
    tentative_is_busy: Option<bool>,
    exclude_event_ids: Option<Vec<String>>,
}

#[derive(Clone, Deserialize)]
struct DaysFields {
    days: Vec<DayField>,
    start: String,
    end: String,
}

#[derive(Clone, Deserialize)]
struct OverrideFields {
    date: Date,
    blocks: Vec<BlockFields>,
}

#[derive(Clone, Deserialize)]
struct BlockFields {
    start: String,
    end: String,
}

#[derive(Clone, Deserialize)]
struct BusyFields {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    start_date: Option<Date>,
    end_date: Option<Date>,
    all_day: Option<bool>,
    show_as: Option<String>,
    is_cancelled: Option<bool>,
    #[serde(alias = "declined")]
    is_declined: Option<bool>,
    own: Option<bool>,
    #[serde(alias = "pad_before")]
    pad_before_minutes: Option<u32>,
    #[serde(alias = "pad_after")]
    pad_after_minutes: Option<u32>,
    travel_minutes: Option<u32>,
    same_door: Option<bool>,
    hold_expires_at: Option<Timestamp>,
    event_id: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ModeField {
    Collective,
    #[serde(alias = "any_host")]
    Any,
    #[serde(alias = "round_robin", alias = "fair_rotation")]
    Rotation,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AlignmentField {
    HourGrid,
    #[serde(alias = "maximize")]
    Maximise,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DayField {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

pub(super) fn read(json: &str) -> Result<Vec<Case>, CaseError> {
    let value: Value = serde_json::from_str(json).map_err(CaseError::Json)?;
    let zones = TimeZoneDatabase::bundled();
    listed(value)
        .iter()
        .map(|value| {
            case(value, &zones).map_err(|source| {
                let name = value.get("name").and_then(Value::as_str);
                let name = name.unwrap_or_default().to_owned();
                CaseError::Case { name, source }
            })
        })
        .collect()
}

/// The cases in an array, a file or on their own.
fn listed(mut value: Value) -> Vec<Value> {
    if let Value::Array(cases) = value {
        return cases;
    }
    let lists = ["cases", "multi_host_cases"].map(|key| value.get_mut(key).map(Value::take));
    if lists.iter().all(Option::is_none) {
        return vec![value];
    }
    lists.into_iter().flatten().flat_map(listed).collect()
}

fn case(value: &Value, zones: &TimeZoneDatabase) -> Result<Case, CaseProblem> {
    let fields = CaseFields::deserialize(value)?;
    let common = HostFields::deserialize(value)?;
    let hosts = match fields.hosts {
        None => vec![host(common, zones)?],
        Some(hosts) => hosts
            .iter()
            .map(|value| host(HostFields::deserialize(value)?.or(&common), zones))
            .collect::<Result<_, _>>()?,
    };
    Ok(Case {
        name: fields.name.unwrap_or_default(),
        level: fields.level.unwrap_or_default(),
        mode: match fields.mode {
            None | Some(ModeField::Collective) => Mode::Collective,
            Some(ModeField::Any) => Mode::Any,
            Some(ModeField::Rotation) => Mode::Rotation,
        },
        hosts,
        window: Interval::new(fields.window_start, fields.window_end)?,
        now: fields.now,
        expected: fields.expected,
        also_acceptable: fields.also_acceptable.unwrap_or_default(),
    })
}

impl HostFields {
    fn or(self, common: &Self) -> Self {
        let common = common.clone();
        Self {
            host_timezone: self.host_timezone.or(common.host_timezone),
            working_hours: self.working_hours.or(common.working_hours),
            date_overrides: self.date_overrides.or(common.date_overrides),
            busy: self.busy.or(common.busy),
            slot_minutes: self.slot_minutes.or(common.slot_minutes),
            interval_minutes: self.interval_minutes.or(common.interval_minutes),
            buffer_before_minutes: self.buffer_before_minutes.or(common.buffer_before_minutes),
            buffer_after_minutes: self.buffer_after_minutes.or(common.buffer_after_minutes),
            min_notice_minutes: self.min_notice_minutes.or(common.min_notice_minutes),
            max_advance_days: self.max_advance_days.or(common.max_advance_days),
            max_per_day: self.max_per_day.or(common.max_per_day),
            max_per_week: self.max_per_week.or(common.max_per_week),
            alignment: self.alignment.or(common.alignment),
            tentative_is_busy: self.tentative_is_busy.or(common.tentative_is_busy),
            exclude_event_ids: self.exclude_event_ids.or(common.exclude_event_ids),
        }
    }
}

fn host(fields: HostFields, zones: &TimeZoneDatabase) -> Result<CaseHost, CaseProblem> {
    let zone = zones.get(&fields.host_timezone.unwrap_or_default())?;
    let defaults = Rules::new(zone);
    let slot_minutes = fields.slot_minutes.unwrap_or(defaults.slot_minutes);
    let rules = Rules {
        hours: week(&fields.working_hours.unwrap_or_default())?,
        overrides: overrides(&fields.date_overrides.unwrap_or_default())?,
        slot_minutes,
        interval_minutes: fields.interval_minutes.unwrap_or(slot_minutes),
        buffer_before_minutes: fields.buffer_before_minutes.unwrap_or_default(),
        buffer_after_minutes: fields.buffer_after_minutes.unwrap_or_default(),
        notice_minutes: fields.min_notice_minutes.unwrap_or_default(),
        horizon_days: fields.max_advance_days,
        max_per_day: fields.max_per_day,
        max_per_week: fields.max_per_week,
        alignment: match fields.alignment {
            None | Some(AlignmentField::HourGrid) => Alignment::HourGrid,
            Some(AlignmentField::Maximise) => Alignment::Maximise,
        },
        tentative_blocks: fields
            .tentative_is_busy
            .unwrap_or(defaults.tentative_blocks),
        excluded_events: fields.exclude_event_ids.into_iter().flatten().collect(),
        ..defaults
    };
    let busy = fields.busy.into_iter().flatten().map(entry);
    Ok(CaseHost {
        rules,
        busy: busy.collect::<Result<_, _>>()?,
    })
}

fn week(listed: &[DaysFields]) -> Result<WeeklyHours, CaseProblem> {
    let mut hours = WeeklyHours::closed();
    for DaysFields { days, start, end } in listed {
        let block = Block::parse(start, end)?;
        for day in days {
            hours.add(weekday(*day), block);
        }
    }
    Ok(hours)
}

fn weekday(day: DayField) -> Weekday {
    match day {
        DayField::Mon => Weekday::Monday,
        DayField::Tue => Weekday::Tuesday,
        DayField::Wed => Weekday::Wednesday,
        DayField::Thu => Weekday::Thursday,
        DayField::Fri => Weekday::Friday,
        DayField::Sat => Weekday::Saturday,
        DayField::Sun => Weekday::Sunday,
    }
}

/// Several overrides of one date add up.
fn overrides(listed: &[OverrideFields]) -> Result<BTreeMap<Date, Vec<Block>>, CaseProblem> {
    let mut overrides: BTreeMap<Date, Vec<Block>> = BTreeMap::new();
    for OverrideFields { date, blocks } in listed {
        let day = overrides.entry(*date).or_default();
        for BlockFields { start, end } in blocks {
            day.push(Block::parse(start, end)?);
        }
    }
    Ok(overrides)
}

fn entry(fields: BusyFields) -> Result<Busy, CaseProblem> {
    let instants = fields.start.zip(fields.end);
    let dates = fields.start_date.zip(fields.end_date);
    let all_day = fields.all_day.unwrap_or(instants.is_none());
    let mut busy = match (all_day, instants, dates) {
        (false, Some((start, end)), _) => Busy::at(Interval::new(start, end)?),
        (true, _, Some((start, end))) => Busy::all_day(start, end),
        _ => return Err(CaseProblem::NoTime),
    };
    busy.show_as = fields
        .show_as
        .as_deref()
        .map(ShowAs::from)
        .unwrap_or_default();
    busy.cancelled = fields.is_cancelled.unwrap_or_default();
    busy.declined = fields.is_declined.unwrap_or_default();
    busy.own = fields.own.unwrap_or_default();
    busy.pad_before_minutes = fields.pad_before_minutes.unwrap_or_default();
    busy.pad_after_minutes = fields.pad_after_minutes.unwrap_or_default();
    busy.way = match fields.same_door {
        Some(true) => Way::SameDoor,
        Some(false) | None => Way::Minutes(fields.travel_minutes.unwrap_or_default()),
    };
    busy.hold_expires_at = fields.hold_expires_at;
    busy.event_id = fields.event_id;
    Ok(busy)
}
