//! The course's page has the lessons that `learn` lists as the course, in their order, and links to the book's pages.

mod support;

use std::path::Path;

use knockwright_explain::Class;
use knockwright_lessons::{COURSE, lesson};
use support::cli::run;

#[test]
fn the_page_has_the_lessons_of_the_course_in_order() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let page = std::fs::read_to_string(docs.join("course.md")).unwrap();
    let links: Vec<&str> = page
        .split("](lessons/src/")
        .skip(1)
        .filter_map(|rest| rest.split_once(".md)"))
        .map(|(link, _)| link)
        .collect();
    let wanted: Vec<String> =
        COURSE.iter().map(|slug| format!("{}/{slug}", lesson(slug).unwrap().chapter.slug)).collect();
    assert_eq!(links, wanted);
    for link in links {
        assert!(docs.join(format!("lessons/src/{link}.md")).is_file(), "{link}");
    }
}

/// Who asks for a lesson of a class that has none is told why.
#[test]
fn a_class_without_a_lesson_says_why() {
    for class in Class::ALL {
        let Some(reason) = class.no_lesson() else { continue };
        let ran = run(&["learn", class.slug()]);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(3), ""), "{class}");
        assert!(ran.stderr.contains(reason), "{class}: {}", ran.stderr);
    }
}
