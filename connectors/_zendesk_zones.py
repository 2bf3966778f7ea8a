"""Names of time zones as Zendesk's schedules write them (those of Rails) to IANA zones."""

from __future__ import annotations

import html
from collections.abc import Mapping
from functools import cache

from core.zones import is_zone

# Region to the names that are also the last part of the IANA zone.
_SAME: Mapping[str, str] = {
    "Pacific": "Midway|Honolulu|Guam|Port Moresby|Fiji|Auckland|Noumea|Guadalcanal|Majuro|Tongatapu|Fakaofo|Chatham|Apia",
    "America": "Tijuana|Chihuahua|Mazatlan|Mexico City|Monterrey|Bogota|Lima|Caracas|La Paz|Santiago|Montevideo|"
    "Puerto Rico|Asuncion|Halifax|Denver|Chicago|New York|Los Angeles|Phoenix|Regina|Guatemala",
    "Atlantic": "Azores|Reykjavik",
    "Europe": "Dublin|Lisbon|London|Belgrade|Bratislava|Budapest|Ljubljana|Prague|Sarajevo|Skopje|Warsaw|Zagreb|"
    "Brussels|Copenhagen|Madrid|Paris|Amsterdam|Berlin|Zurich|Rome|Stockholm|Oslo|Vienna|Bucharest|Helsinki|Riga|"
    "Sofia|Tallinn|Vilnius|Athens|Istanbul|Minsk|Kaliningrad|Moscow|Volgograd|Samara",
    "Africa": "Casablanca|Monrovia|Cairo|Harare|Johannesburg|Nairobi|Algiers",
    "Asia": "Jerusalem|Kuwait|Riyadh|Baghdad|Tehran|Muscat|Baku|Tbilisi|Yerevan|Kabul|Karachi|Tashkent|Kolkata|"
    "Kathmandu|Dhaka|Almaty|Novosibirsk|Bangkok|Jakarta|Krasnoyarsk|Hong Kong|Urumqi|Kuala Lumpur|Singapore|Taipei|"
    "Irkutsk|Ulaanbaatar|Seoul|Tokyo|Yakutsk|Vladivostok|Magadan|Srednekolymsk|Kamchatka|Shanghai|Dubai",
    "Australia": "Perth|Darwin|Adelaide|Melbourne|Sydney|Brisbane|Hobart",
}
_OTHERS: Mapping[str, str] = {
    "International Date Line West": "Etc/GMT+12", "Midway Island": "Pacific/Midway",
    "American Samoa": "Pacific/Pago_Pago", "Hawaii": "Pacific/Honolulu", "Alaska": "America/Juneau",
    "Pacific Time (US & Canada)": "America/Los_Angeles", "Arizona": "America/Phoenix",
    "Mountain Time (US & Canada)": "America/Denver", "Central Time (US & Canada)": "America/Chicago",
    "Saskatchewan": "America/Regina", "Guadalajara": "America/Mexico_City",
    "Central America": "America/Guatemala", "Eastern Time (US & Canada)": "America/New_York",
    "Indiana (East)": "America/Indiana/Indianapolis", "Quito": "America/Lima",
    "Atlantic Time (Canada)": "America/Halifax", "Newfoundland": "America/St_Johns",
    "Brasilia": "America/Sao_Paulo", "Buenos Aires": "America/Argentina/Buenos_Aires",
    "Georgetown": "America/Guyana", "Greenland": "America/Nuuk", "Mid-Atlantic": "Atlantic/South_Georgia",
    "Cape Verde Is.": "Atlantic/Cape_Verde", "Edinburgh": "Europe/London", "UTC": "Etc/UTC",
    "Bern": "Europe/Zurich", "West Central Africa": "Africa/Algiers", "Kyiv": "Europe/Kyiv",
    "Kyev": "Europe/Kyiv", "Kiev": "Europe/Kyiv", "Pretoria": "Africa/Johannesburg",
    "St. Petersburg": "Europe/Moscow", "Abu Dhabi": "Asia/Muscat", "Ekaterinburg": "Asia/Yekaterinburg",
    "Islamabad": "Asia/Karachi", "Chennai": "Asia/Kolkata", "Mumbai": "Asia/Kolkata",
    "New Delhi": "Asia/Kolkata", "Sri Jayawardenepura": "Asia/Colombo", "Astana": "Asia/Almaty",
    "Rangoon": "Asia/Yangon", "Hanoi": "Asia/Bangkok", "Beijing": "Asia/Shanghai",
    "Chongqing": "Asia/Shanghai", "Osaka": "Asia/Tokyo", "Sapporo": "Asia/Tokyo",
    "Canberra": "Australia/Canberra", "Solomon Is.": "Pacific/Guadalcanal",
    "New Caledonia": "Pacific/Noumea", "Marshall Is.": "Pacific/Majuro", "Wellington": "Pacific/Auckland",
    "Nuku'alofa": "Pacific/Tongatapu", "Tokelau Is.": "Pacific/Fakaofo", "Chatham Is.": "Pacific/Chatham",
    "Samoa": "Pacific/Apia",
}  # fmt: skip


@cache
def _names() -> dict[str, str]:
    same = {
        name: f"{region}/{name.replace(' ', '_')}"
        for region, names in _SAME.items()
        for name in names.split("|")
    }
    return {name.casefold(): zone for name, zone in {**same, **_OTHERS}.items()}


def iana_zone(name: str | None) -> str | None:
    """The IANA zone of a schedule's zone name, or None when nobody knows it. Never a guess."""
    said = html.unescape(name or "").strip()
    if is_zone(said):
        return said
    return _names().get(said.casefold())
