use super::*;

fn time(text: &str, zone: &str) -> GoTime {
    GoTime::of(&HelmTime::parse(text).unwrap(), &TimeZone::get(zone).unwrap())
}

#[test]
fn a_stored_offset_takes_the_local_zones_name_when_it_is_the_local_offset_then() {
    assert_eq!(time("2026-01-05T08:09:10.120+02:00", "Europe/Kyiv").format(STRING), "2026-01-05 08:09:10.12 +0200 EET");
    // In summer the same zone is an hour further, so that the stored offset is a stranger.
    assert_eq!(time("2026-07-05T08:09:10+02:00", "Europe/Kyiv").format(STRING), "2026-07-05 08:09:10 +0200 +0200");
    assert_eq!(time("2026-07-05T08:09:10Z", "Europe/Kyiv").format(STRING), "2026-07-05 08:09:10 +0000 UTC");
    assert_eq!(time("2026-07-05T08:09:10-03:30", "UTC").format(STRING), "2026-07-05 08:09:10 -0330 -0330");
}

#[test]
fn ansi_c_pads_the_day_with_a_space_and_shows_no_zone() {
    assert_eq!(time("2026-01-05T08:09:10.5+02:00", "UTC").format(ANSIC), "Mon Jan  5 08:09:10 2026");
}

#[test]
fn no_time_prints_as_gos_zero() {
    assert_eq!(time("", "UTC").format(ANSIC), "Mon Jan  1 00:00:00 0001");
    assert_eq!(time("", "UTC").format(RFC3339), "0001-01-01T00:00:00Z");
}

#[test]
fn layouts_of_users_are_gos() {
    let time = time("2026-03-04T15:06:07.089Z", "UTC");
    for (layout, text) in [
        ("2006-01-02 15:04:05Z0700", "2026-03-04 15:06:07Z"),
        ("Monday, January 2 06 3:4:5 PM", "Wednesday, March 4 26 3:6:7 PM"),
        ("03:04:05pm .000 ,999 .99", "03:06:07pm .089 ,089 .08"),
        ("_2 __2 002 _2006", " 4  63 063 _2026"),
        ("-07 -07:00 Z07:00 Janet", "+00 +00:00 Z Janet"),
        ("plain", "plain"),
    ] {
        assert_eq!(time.format(layout), text, "{layout}");
    }
}
