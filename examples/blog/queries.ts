import { Database, Fn, Query, Session } from "athanor"
import { Comment, Post, postTags, Tag, User } from "./schema.ts"

/** 1. Users with their posts. */
export const usersWithPosts = Session.all(Query.from(User).orderBy(User.c.username), {
  posts: true
})

/** 2. Published posts of one author, filtered and ordered through a join. */
export const postsOf = (username: string) =>
  Database.all(
    Query.from(Post)
      .join(User, User.c.id.eq(Post.c.authorId))
      .where(User.c.username.eq(username).and(Post.c.status.eq("published")))
      .orderBy(Post.c.views.desc())
      .select({ title: Post.c.title, views: Post.c.views, author: User.c.username })
  )

/** 3. Posts per user: everybody is counted, those without posts too. */
export const postsPerUser = Database.all(
  Query.from(User)
    .leftJoin(Post, Post.c.authorId.eq(User.c.id))
    .groupBy(User.c.id, User.c.username)
    .orderBy(Fn.count(Post.c.id).desc(), User.c.username)
    .select({
      username: User.c.username,
      posts: Fn.count(Post.c.id),
      views: Fn.sum(Post.c.views).coalesce(0)
    })
)

/** 4. Posts by tag, with all their tags and their author. */
export const postsTagged = (name: string) =>
  Session.all(Query.from(Post).match({ tags: { name } }).orderBy(Post.c.title), {
    tags: true,
    author: true
  })

/** 5. Users with published posts, through a subquery. */
export const publishedAuthors = Database.all(
  Query.from(User)
    .where(
      Query.from(Post)
        .correlate(User)
        .where(Post.c.authorId.eq(User.c.id).and(Post.c.status.eq("published")))
        .exists()
    )
    .orderBy(User.c.username)
)

/** 6. Top-level comments with their replies, two levels deep. */
export const threads = Session.all(
  Query.from(Comment).where(Comment.c.parentId.isNull()).orderBy(Comment.c.id),
  { author: true, replies: { author: true, replies: { author: true } } }
)

/** How many rows each table holds. */
export const counts = Database.one(
  Query.select({
    users: Query.from(User).select(Fn.count()).scalar(),
    posts: Query.from(Post).select(Fn.count()).scalar(),
    tags: Query.from(Tag).select(Fn.count()).scalar(),
    links: Query.from(postTags).select(Fn.count()).scalar(),
    comments: Query.from(Comment).select(Fn.count()).scalar()
  })
)
