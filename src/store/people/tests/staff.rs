//! The staff's PINs and what is kept of them.

use super::*;

fn pin(text: &str) -> Pin {
    Pin::chosen(text).expect("a PIN")
}

fn staff(id: &str, name: &str) -> Staff {
    Staff { id: StaffId::new(id).expect("an id"), name: name.to_owned() }
}

fn found(people: &People, text: &str) -> Option<String> {
    people.staff_of(&pin(text)).expect("readable").map(|staff| staff.id.to_string())
}

/// The one salt and hash that are stored.
fn stored(people: &People) -> [Vec<u8>; 2] {
    people
        .connection
        .query_row("SELECT salt, pin_hash FROM staff", [], |row| Ok([row.get(0)?, row.get(1)?]))
        .expect("a member of the staff")
}

#[test]
fn a_pin_is_found_by_its_hash_alone_belongs_to_one_and_its_owners_acts_are_kept() {
    let (folder, mut people) = people();
    people.save_staff(&staff("S-1", "张丽"), &pin("246810")).expect("saved");
    people.save_staff(&staff("S-2", "李强"), &pin("135790")).expect("saved");
    assert_eq!(found(&people, "135790").as_deref(), Some("S-2"));
    assert_eq!(found(&people, "135791"), None);
    assert!(matches!(people.save_staff(&staff("S-3", "王芳"), &pin("246810")), Err(PeopleError::PinTaken)));
    assert!(matches!(people.save_staff(&staff("S-3", " "), &pin("864209")), Err(PeopleError::StaffName)));

    people.save_staff(&staff("S-1", "张丽丽"), &pin("864209")).expect("another PIN");
    assert_eq!((found(&people, "246810"), found(&people, "864209").as_deref()), (None, Some("S-1")));
    let act = StaffAct { at: now(), staff: StaffId::new("S-1").expect("an id"), act: "close 2026-11-22".to_owned() };
    people.note_act(&act).expect("noted");
    assert!(people.connection.execute("DELETE FROM staff_act", []).is_err(), "an act was forgotten");
    assert!(people.connection.execute("UPDATE staff_act SET staff = 'S-2'", []).is_err(), "an act was changed");
    assert!(people.remove_staff(&act.staff).expect("removed") && !people.remove_staff(&act.staff).expect("gone"));
    assert_eq!(people.acts(5).expect("readable"), [act], "who is taken off has still done it");

    assert!(stored(&people).iter().all(|bytes| !bytes.windows(6).any(|six| six == b"135790")));
    drop((people, folder));
}

#[test]
fn the_same_pin_chosen_again_is_stored_under_another_salt_as_another_hash() {
    let (_folder, mut people) = people();
    let [first, second] = [(); 2].map(|()| {
        people.save_staff(&staff("S-1", "张丽"), &pin("246810")).expect("saved");
        stored(&people)
    });
    assert_ne!(first[0], second[0], "the salt");
    assert_ne!(first[1], second[1], "the hash");
    assert_eq!(found(&people, "246810").as_deref(), Some("S-1"));
}

/// Argon2id, version 1.3, of "246810" with the salt "mealpoint-staff!", 19 MiB, two passes and one lane: worked out by
/// another program (argon2-cffi).
const HASH: [u8; 32] = [
    0x8c, 0x52, 0x49, 0xe6, 0x76, 0xd2, 0x03, 0x31, 0x03, 0x2d, 0xd4, 0x0b, 0x09, 0x7e, 0xcd, 0x8f, 0xb2, 0xe9, 0xc6,
    0xd4, 0xa6, 0x88, 0xd8, 0x52, 0x32, 0x0c, 0xcc, 0x51, 0x02, 0x2d, 0x4c, 0x92,
];

#[test]
fn a_pin_is_known_by_what_argon2id_makes_of_it_with_19_mib_and_two_passes() {
    let (_folder, people) = people();
    people
        .connection
        .execute("INSERT INTO staff VALUES ('S-1', '张丽', ?1, ?2)", (b"mealpoint-staff!", HASH))
        .expect("as an earlier program stored it");
    assert_eq!(found(&people, "246810").as_deref(), Some("S-1"), "another cost: no PIN that was stored is known");
}
